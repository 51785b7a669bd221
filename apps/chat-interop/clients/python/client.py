"""stomp.py over its WebSocket transport: a Task on standard input, one StepResult a line on standard output."""

import json
import os
import sys
import time

from conversation import Conversation, StepFailure, message_id_of


def main():
    task = json.load(sys.stdin)
    scenario = Scenario(task)
    for step, work in scenario.steps():
        try:
            work()
            report(step, "ok")
        except Exception as error:  # whatever it was, the other steps go their way
            report(step, "failed", str(error) or type(error).__name__)
    sys.stdout.flush()
    os._exit(0)  # a session that failed may still have its threads


def report(step, outcome, note=None):
    print(json.dumps({"step": step, "outcome": outcome, "note": note}), flush=True)


class Scenario:
    """All that the client is asked to do; what a step leaves behind for a later one."""

    def __init__(self, task):
        self._task = task
        self._session = None
        self._room = None
        self._sent = None

    def steps(self):
        return [
            ("connect", self._connect),
            ("subscribe", self._subscribe),
            ("send", self._send),
            ("receive", self._receive),
            ("ack client", self._ack_client),
            ("ack client-individual", self._ack_individual),
            ("nack", self._nack),
            ("commit", self._commit),
            ("abort", self._abort),
            ("heart-beats", self._heart_beats),
            ("alive", self._alive),
            ("disconnect", self._disconnect),
        ]

    @property
    def session(self):
        if self._session is None:
            raise StepFailure("an earlier step failed")
        return self._session

    def _connect(self):
        self._session = Conversation(self._task)
        expect(self._session.version, "1.2")

    def _subscribe(self):
        self._room = self.session.subscribe("auto")

    def _send(self):
        self._sent = self.session.send("send")

    def _receive(self):
        self.session.message(self._room, self._sent)

    def _ack_client(self):
        """In `client` mode the ACK of the second message is that of the first as well."""
        room = self.session.subscribe("client")
        messages = [self.session.message(room, self.session.send(content)) for content in ("client 1", "client 2")]
        self.session.acknowledge(messages[1], self.session.connection.ack)
        self.session.connection.unsubscribe(room)

    def _ack_individual(self):
        """In `client-individual` mode each has its own ACK, in any order."""
        room = self.session.subscribe("client-individual")
        contents = ("individual 1", "individual 2")
        messages = [self.session.message(room, self.session.send(content)) for content in contents]
        for message in reversed(messages):
            self.session.acknowledge(message, self.session.connection.ack)
        self.session.connection.unsubscribe(room)

    def _nack(self):
        room = self.session.subscribe("client-individual")
        message = self.session.message(room, self.session.send("nack"))
        self.session.acknowledge(message, self.session.connection.nack)
        self.session.connection.unsubscribe(room)

    def _commit(self):
        """Two SENDs in a transaction are answered and seen once it is committed, and not before."""
        session = Conversation(self._task)
        room = session.subscribe("auto")
        session.connection.begin("tx-commit")
        receipts = [session.post(content, transaction="tx-commit") for content in ("commit 1", "commit 2")]
        session.message(room, session.send("before commit"))
        if any(session.has_receipt_of(receipt) for receipt in receipts):
            raise StepFailure("a RECEIPT came before COMMIT")
        committed = session.next("receipt")
        session.connection.commit("tx-commit", receipt=committed)
        for receipt in receipts:
            session.message(room, message_id_of(session.receipt_of(receipt)))
        session.receipt_of(committed)
        expect(session.contents(room), ["before commit", "commit 1", "commit 2"])
        session.disconnect()

    def _abort(self):
        """What comes behind the ABORT is seen, so what it has aborted would have been."""
        session = Conversation(self._task)
        room = session.subscribe("auto")
        session.connection.begin("tx-abort")
        receipts = [session.post(content, transaction="tx-abort") for content in ("abort 1", "abort 2")]
        aborted = session.next("receipt")
        session.connection.abort("tx-abort", receipt=aborted)
        for receipt in receipts:
            expect(session.receipt_of(receipt).get("aborted"), "true")
        session.receipt_of(aborted)
        session.message(room, session.send("after abort"))
        expect(session.contents(room), ["after abort"])
        session.disconnect()

    def _heart_beats(self):
        """At least every second of the heart-beats that fit into the time must have come."""
        before = self.session.heart_beat_count
        time.sleep(self._task["idleMs"] / 1000)
        count = self.session.heart_beat_count - before
        least = self._task["idleMs"] // self._task["heartBeatMs"] // 2
        if count < least:
            raise StepFailure(f"{count} heart-beats in {self._task['idleMs']} ms, fewer than {least}")

    def _alive(self):
        self.session.message(self._room, self.session.send("alive"))

    def _disconnect(self):
        self.session.disconnect()


def expect(found, wanted):
    if found != wanted:
        raise StepFailure(f"{json.dumps(found)}, not {json.dumps(wanted)}")


main()
