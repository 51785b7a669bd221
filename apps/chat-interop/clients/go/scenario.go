package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-stomp/stomp/v3"
)

// Scenario is all that the client is asked to do, and what a step leaves behind for a later one.
type Scenario struct {
	task    Task
	session *Session
	room    *stomp.Subscription
}

type step struct {
	name string
	// What the client has no way to do, as the reason why; "" where it can do all.
	limit string
	work  func() error
}

const (
	noSubscribeReceipt = "without RECEIPT: go-stomp takes the RECEIPT of a SUBSCRIBE for the end of the subscription"
	noAckReceipt       = "without RECEIPT: Ack() and Nack() take no headers; the RECEIPT of an UNSUBSCRIBE behind them is awaited"
	noHeartBeats       = "not shown by the client; counted in the WebSocket below it"
	noSendReceipts     = "without RECEIPTs of its SENDs: Transaction.Send() with a receipt waits for what only comes after its end"
)

func (s *Scenario) steps() []step {
	return []step{
		{"connect", "", s.connect},
		{"subscribe", noSubscribeReceipt, s.subscribe},
		{"send", "", func() error { return s.inSession(func() error { return s.session.send("send") }) }},
		{"receive", "", func() error { return s.inSession(func() error { return s.session.receive(s.room, "send") }) }},
		{"ack client", noAckReceipt, func() error { return s.inSession(s.ackClient) }},
		{"ack client-individual", noAckReceipt, func() error { return s.inSession(s.ackIndividual) }},
		{"nack", noAckReceipt, func() error { return s.inSession(s.nack) }},
		{"commit", noSendReceipts, s.commit},
		{"abort", noSendReceipts, s.abort},
		{"heart-beats", noHeartBeats, func() error { return s.inSession(s.heartBeats) }},
		{"alive", "", func() error { return s.inSession(s.alive) }},
		{"disconnect", "", func() error { return s.inSession(func() error { return s.session.conn.Disconnect() }) }},
	}
}

func (s *Scenario) inSession(work func() error) error {
	if s.session == nil || s.room == nil {
		return errors.New("an earlier step failed")
	}
	return work()
}

func (s *Scenario) connect() (err error) {
	if s.session, err = openSession(s.task); err != nil {
		return err
	}
	return expect(s.session.conn.Version(), stomp.V12)
}

func (s *Scenario) subscribe() (err error) {
	if s.session == nil {
		return errors.New("an earlier step failed")
	}
	s.room, err = s.session.subscribe(stomp.AckAuto)
	return err
}

// In client mode the ACK of the second message is that of the first as well.
func (s *Scenario) ackClient() error {
	return s.answer(stomp.AckClient, []string{"client 1", "client 2"}, func(messages []*stomp.Message) error {
		return s.session.conn.Ack(messages[1])
	})
}

// In client-individual mode each has its own ACK, in any order.
func (s *Scenario) ackIndividual() error {
	return s.answer(stomp.AckClientIndividual, []string{"individual 1", "individual 2"}, func(messages []*stomp.Message) error {
		return errors.Join(s.session.conn.Ack(messages[1]), s.session.conn.Ack(messages[0]))
	})
}

func (s *Scenario) nack() error {
	return s.answer(stomp.AckClientIndividual, []string{"nack"}, func(messages []*stomp.Message) error {
		return s.session.conn.Nack(messages[0])
	})
}

// Receives what it sends on a subscription of its own, answers it, and waits for the RECEIPT of the UNSUBSCRIBE behind.
func (s *Scenario) answer(mode stomp.AckMode, contents []string, answer func([]*stomp.Message) error) error {
	room, err := s.session.subscribe(mode)
	if err != nil {
		return err
	}
	var messages []*stomp.Message
	for _, content := range contents {
		if err := s.session.send(content); err != nil {
			return err
		}
		message, err := s.session.next(room)
		if err != nil {
			return err
		}
		if err := expect(contentOf(message), content); err != nil {
			return err
		}
		messages = append(messages, message)
	}
	return errors.Join(answer(messages), room.Unsubscribe())
}

// Two SENDs in a transaction are seen once it is committed, and not before.
func (s *Scenario) commit() error {
	return s.transaction([]string{"commit 1", "commit 2"}, func(session *Session, room *stomp.Subscription, tx *stomp.Transaction) error {
		if err := session.send("before commit"); err != nil {
			return err
		}
		if err := tx.CommitWithReceipt(); err != nil {
			return fmt.Errorf("COMMIT: %w", err)
		}
		return session.receive(room, "before commit", "commit 1", "commit 2")
	})
}

// What comes behind the ABORT is seen, so what it has aborted would have been.
func (s *Scenario) abort() error {
	return s.transaction([]string{"abort 1", "abort 2"}, func(session *Session, room *stomp.Subscription, tx *stomp.Transaction) error {
		if err := tx.AbortWithReceipt(); err != nil {
			return fmt.Errorf("ABORT: %w", err)
		}
		if err := session.send("after abort"); err != nil {
			return err
		}
		return session.receive(room, "after abort")
	})
}

// A transaction with these SENDs, in a session of its own.
func (s *Scenario) transaction(contents []string, end func(*Session, *stomp.Subscription, *stomp.Transaction) error) error {
	session, err := openSession(s.task)
	if err != nil {
		return err
	}
	room, err := session.subscribe(stomp.AckAuto)
	if err != nil {
		return err
	}
	tx, err := session.conn.BeginWithError()
	if err != nil {
		return fmt.Errorf("BEGIN: %w", err)
	}
	for _, content := range contents {
		if err := tx.Send(session.destination(), "application/json", bodyOf(content)); err != nil {
			return err
		}
	}
	if err := end(session, room, tx); err != nil {
		return err
	}
	return session.conn.Disconnect()
}

// At least every second of the heart-beats that fit into the time must have come.
func (s *Scenario) heartBeats() error {
	before := s.session.heartBeats.Load()
	time.Sleep(milliseconds(s.task.IdleMs))
	count, least := s.session.heartBeats.Load()-before, s.task.IdleMs/s.task.HeartBeatMs/2
	if count < least {
		return fmt.Errorf("%d heart-beats in %d ms, fewer than %d", count, s.task.IdleMs, least)
	}
	return nil
}

func (s *Scenario) alive() error {
	if err := s.session.send("alive"); err != nil {
		return err
	}
	return s.session.receiveUntil(s.room, "alive")
}
