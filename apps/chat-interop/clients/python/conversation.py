"""A session of stomp.py in one room, with answers to wait for."""

import json
import threading
from urllib.parse import urlsplit

from stomp import ConnectionListener
from stomp.adapter.ws import WSStompConnection


class Conversation(ConnectionListener):
    """Every wait has the task's deadline and ends with the session."""

    def __init__(self, task):
        url = urlsplit(task["url"])
        beat = task["heartBeatMs"]
        self._room_id = task["roomId"]
        self._deadline_s = task["answerMs"] / 1000
        self._changed = threading.Condition()
        self._connected = None
        self._receipts = {}
        self._messages = {}
        self._lost = None
        self._leaving = False
        self._counter = 0
        self.heart_beat_count = 0
        # The receiver thread is the listener's; a wait here never holds it up.
        self.connection = WSStompConnection([(url.hostname, url.port)], ws_path=url.path, heartbeats=(beat, beat))
        self.connection.set_listener("conversation", self)
        self.connection.connect(headers={"Authorization": f"Bearer {task['token']}"}, with_connect_command=True)
        self.version = self._until("CONNECTED", lambda: self._connected)

    # What stomp.py calls.

    def on_connected(self, frame):
        self._tell(lambda: setattr(self, "_connected", frame.headers["version"]))

    def on_receipt(self, frame):
        self._tell(lambda: self._receipts.update({frame.headers["receipt-id"]: frame.headers}))

    def on_message(self, frame):
        self._tell(lambda: self._messages.setdefault(frame.headers["subscription"], []).append(frame))

    def on_heartbeat(self):
        self.heart_beat_count += 1

    def on_error(self, frame):
        self._tell(lambda: self._lose(f"ERROR {json.dumps(frame.headers)} {json.dumps(frame.body)}"))

    def on_heartbeat_timeout(self):
        self._tell(lambda: self._lose("no heart-beat of the gateway came"))

    def on_disconnected(self):
        self._tell(lambda: self._lose("the connection ended"))

    # What a step does.

    def subscribe(self, ack):
        """Waits for the RECEIPT; answers the subscription's id."""
        subscription, receipt = self.next("sub"), self.next("receipt")
        self.connection.subscribe(f"/topic/chat_rooms/{self._room_id}", subscription, ack, receipt=receipt)
        self.receipt_of(receipt)
        return subscription

    def post(self, content, **headers):
        """Sends without waiting; answers the receipt that it has asked for."""
        receipt = self.next("receipt")
        body = json.dumps({"content": content})
        self.connection.send(f"/app/chat.send/{self._room_id}", body, receipt=receipt, **headers)
        return receipt

    def send(self, content):
        """Waits for the RECEIPT; answers its message-id."""
        return message_id_of(self.receipt_of(self.post(content)))

    def receipt_of(self, receipt):
        return self._until(f"RECEIPT of {receipt}", lambda: self._receipts.get(receipt))

    def has_receipt_of(self, receipt):
        return receipt in self._receipts

    def message(self, subscription, message_id):
        frames = lambda: self._messages.get(subscription, [])
        find = lambda: next((frame for frame in frames() if frame.headers["message-id"] == message_id), None)
        return self._until(f"MESSAGE {message_id}", find)

    def contents(self, subscription):
        return [json.loads(frame.body)["content"] for frame in self._messages.get(subscription, [])]

    def acknowledge(self, frame, answer):
        """`answer` is the connection's ack or nack; waits for the RECEIPT."""
        if "ack" not in frame.headers:
            raise StepFailure("the MESSAGE has no ack header")
        receipt = self.next("receipt")
        answer(frame.headers["ack"], receipt=receipt)
        self.receipt_of(receipt)

    def disconnect(self):
        """Waits for the RECEIPT: stomp.py closes its socket when that has come."""
        self._leaving = True
        receipt = self.next("receipt")
        self.connection.disconnect(receipt)
        self.receipt_of(receipt)

    def next(self, name):
        self._counter += 1
        return f"{name}-{self._counter}"

    def _lose(self, reason):
        if not self._leaving:
            self._lost = self._lost or reason

    def _tell(self, change):
        with self._changed:
            change()
            self._changed.notify_all()

    def _until(self, what, find):
        with self._changed:
            self._changed.wait_for(lambda: find() is not None or self._lost is not None, self._deadline_s)
            found = find()
        if found is not None:
            return found
        if self._lost is not None:
            raise StepFailure(f"the session was lost: {self._lost}")
        raise StepFailure(f"no {what} within {self._deadline_s} s")


class StepFailure(Exception):
    """Why a step failed, as a sentence."""


def message_id_of(receipt):
    if "message-id" not in receipt:
        raise StepFailure(f"the RECEIPT of a SEND has no message-id: {json.dumps(receipt)}")
    return receipt["message-id"]
