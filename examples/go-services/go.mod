module github.com/sourcegraph/sourcegraph

go 1.21
