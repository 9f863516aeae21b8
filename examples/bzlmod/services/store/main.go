// Command store keeps orders in a folder, one file each.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	orders, err := filepath.Glob(filepath.Join(os.Getenv("STORE"), "*.order"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(orders), "orders")
}
