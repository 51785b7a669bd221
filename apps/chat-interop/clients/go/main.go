// go-stomp over a WebSocket: a Task on standard input, one StepResult a line on standard output.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"
)

// Task is what the harness asks for; durations are in ms.
type Task struct {
	URL         string `json:"url"`
	Token       string `json:"token"`
	RoomID      int64  `json:"roomId"`
	IdleMs      int64  `json:"idleMs"`
	HeartBeatMs int64  `json:"heartBeatMs"`
	AnswerMs    int64  `json:"answerMs"`
}

// StepResult is how one step went; Note is what it leaves out, or why it failed.
type StepResult struct {
	Step    string  `json:"step"`
	Outcome string  `json:"outcome"`
	Note    *string `json:"note"`
}

func main() {
	var task Task
	if err := json.NewDecoder(os.Stdin).Decode(&task); err != nil {
		log.Fatalf("the task cannot be read: %v", err)
	}
	scenario := &Scenario{task: task}
	for _, step := range scenario.steps() {
		report(step.name, step.limit, step.work())
	}
}

func report(step, limit string, err error) {
	result := StepResult{Step: step, Outcome: "ok"}
	if limit != "" {
		result.Note = &limit
	}
	if err != nil {
		reason := err.Error()
		result.Outcome, result.Note = "failed", &reason
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatalf("the result cannot be written: %v", err)
	}
}

func milliseconds(count int64) time.Duration {
	return time.Duration(count) * time.Millisecond
}

func expect(found, wanted any) error {
	if fmt.Sprint(found) == fmt.Sprint(wanted) {
		return nil
	}
	return fmt.Errorf("%v, not %v", found, wanted)
}
