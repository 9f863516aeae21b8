// Command searcher searches archives of repositories.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	address := ":3181"
	if port := os.Getenv("PORT"); port != "" {
		address = ":" + port
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "searcher is well")
	})
	log.Fatal(http.ListenAndServe(address, nil))
}
