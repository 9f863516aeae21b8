// Command indexer indexes repositories.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	address := ":3182"
	if port := os.Getenv("PORT"); port != "" {
		address = ":" + port
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "indexer is well")
	})
	log.Fatal(http.ListenAndServe(address, nil))
}
