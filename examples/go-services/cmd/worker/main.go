// Command worker works through the queue until it is told to stop.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// The image's structure test only wants to know that the program starts.
	if os.Getenv("SANITY_CHECK") == "true" {
		fmt.Println("Sanity check passed, exiting without error")
		return
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	fmt.Println("worker", os.Getenv("MYVAR"))
	<-stop
}
