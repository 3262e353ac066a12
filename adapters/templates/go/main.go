// The loop of an adapter: read a line, answer it, write a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "adapter:", err)
		os.Exit(1)
	}
}

func serve(input io.Reader, output io.Writer) error {
	lines := bufio.NewReader(input)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var message Message
		if err := json.Unmarshal(line, &message); err != nil {
			return err
		}
		if message.Type == "bye" {
			return nil
		}
		if err := json.NewEncoder(output).Encode(answer(message)); err != nil {
			return err
		}
	}
}

// answer returns the one answer to a message; one bad case must not end the run.
func answer(message Message) (reply Object) {
	defer func() {
		if fault := recover(); fault != nil {
			reply = Object{"t": "error", "seq": message.Seq, "message": fmt.Sprint(fault)}
		}
	}()
	if message.Type == "hello" {
		return ready
	}
	reply, err := asked(message)
	var gap Unsupported
	if errors.As(err, &gap) {
		return Object{"t": "unsupported", "seq": message.Seq, "feature": gap}
	}
	if err != nil {
		return Object{"t": "error", "seq": message.Seq, "message": err.Error()}
	}
	return reply
}

func asked(message Message) (Object, error) {
	switch message.Type {
	case "quote":
		values, err := quote(message)
		return Object{"t": "quantities", "seq": message.Seq, "values": values}, err
	case "run":
		steps, err := run(message)
		return Object{"t": "trace", "seq": message.Seq, "steps": steps}, err
	}
	return nil, Unsupported(message.Type)
}
