// Command blobstore keeps blobs on disk.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	address := ":9000"
	if port := os.Getenv("PORT"); port != "" {
		address = ":" + port
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "blobstore is well")
	})
	log.Fatal(http.ListenAndServe(address, nil))
}
