package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/go-stomp/stomp/v3"
)

// Session is a go-stomp connection in one room. Every wait has the task's deadline.
type Session struct {
	task       Task
	conn       *stomp.Conn
	heartBeats *atomic.Int64
}

func openSession(task Task) (*Session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), milliseconds(task.AnswerMs))
	defer cancel()
	options := &websocket.DialOptions{Subprotocols: []string{"v12.stomp", "v11.stomp", "v10.stomp"}}
	socket, _, err := websocket.Dial(ctx, task.URL, options)
	if err != nil {
		return nil, err
	}
	heartBeats := &atomic.Int64{}
	stream := websocket.NetConn(context.Background(), socket, websocket.MessageText)
	conn, err := stomp.ConnectWithContext(ctx, &beatCounter{stream, heartBeats},
		stomp.ConnOpt.Header("Authorization", "Bearer "+task.Token),
		stomp.ConnOpt.HeartBeat(milliseconds(task.HeartBeatMs), milliseconds(task.HeartBeatMs)),
		stomp.ConnOpt.RcvReceiptTimeout(milliseconds(task.AnswerMs)),
		stomp.ConnOpt.DisconnectReceiptTimeout(milliseconds(task.AnswerMs)),
		stomp.ConnOpt.UnsubscribeReceiptTimeout(milliseconds(task.AnswerMs)),
		stomp.ConnOpt.Logger(silence{}),
	)
	if err != nil {
		return nil, fmt.Errorf("CONNECT: %w", err)
	}
	return &Session{task, conn, heartBeats}, nil
}

// The gateway handles frames in their order, so a SEND behind the SUBSCRIBE is received on it.
func (s *Session) subscribe(mode stomp.AckMode) (*stomp.Subscription, error) {
	return s.conn.Subscribe("/topic/chat_rooms/"+strconv.FormatInt(s.task.RoomID, 10), mode)
}

func (s *Session) destination() string {
	return "/app/chat.send/" + strconv.FormatInt(s.task.RoomID, 10)
}

// Waits for the RECEIPT.
func (s *Session) send(content string) error {
	return s.conn.Send(s.destination(), "application/json", bodyOf(content), stomp.SendOpt.Receipt)
}

// The next messages of the subscription have just these contents.
func (s *Session) receive(room *stomp.Subscription, contents ...string) error {
	for _, content := range contents {
		message, err := s.next(room)
		if err != nil {
			return err
		}
		if err := expect(contentOf(message), content); err != nil {
			return err
		}
	}
	return nil
}

// One of the next messages has this content; the room has other sessions of the same user.
func (s *Session) receiveUntil(room *stomp.Subscription, content string) error {
	for {
		message, err := s.next(room)
		if err != nil || contentOf(message) == content {
			return err
		}
	}
}

func (s *Session) next(room *stomp.Subscription) (*stomp.Message, error) {
	select {
	case message, isOpen := <-room.C:
		if !isOpen {
			return nil, errors.New("the subscription has ended")
		}
		return message, message.Err
	case <-time.After(milliseconds(s.task.AnswerMs)):
		return nil, fmt.Errorf("no MESSAGE within %d ms", s.task.AnswerMs)
	}
}

func bodyOf(content string) []byte {
	body, _ := json.Marshal(map[string]string{"content": content}) // two texts always are JSON
	return body
}

// The content of a MessageDTO; a body that is none says so itself.
func contentOf(message *stomp.Message) string {
	var dto struct {
		Content string `json:"content"`
	}
	if err := json.Unmarshal(message.Body, &dto); err != nil {
		return string(message.Body)
	}
	return dto.Content
}

// Counts the heart-beats, which go-stomp keeps to itself: a lone EOL in a ws frame of its own.
type beatCounter struct {
	net.Conn
	count *atomic.Int64
}

func (b *beatCounter) Read(buffer []byte) (int, error) {
	n, err := b.Conn.Read(buffer)
	if n == 1 && buffer[0] == '\n' {
		b.count.Add(1)
	}
	return n, err
}

// The harness hears of errors by the steps that they break.
type silence struct{}

func (silence) Debugf(string, ...any)   {}
func (silence) Infof(string, ...any)    {}
func (silence) Warningf(string, ...any) {}
func (silence) Errorf(string, ...any)   {}
func (silence) Debug(string)            {}
func (silence) Info(string)             {}
func (silence) Warning(string)          {}
func (silence) Error(string)            {}
