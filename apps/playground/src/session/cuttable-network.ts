import type { Store, WebSocketConstructor } from '@chat/client';
import { createStore } from '../store.ts';

/** The network of one user, as far as the page can take it away. */
export interface CuttableNetwork {
  readonly WebSocket: WebSocketConstructor;
  readonly isOn: Store<boolean>;
  /** Ends the sockets that are open, without a word to STOMP; new ones work. */
  cut(): void;
  /** Off: no socket is open, and no new one opens. */
  turn(isOn: boolean): void;
}

/** Any code that is not the service's: a client is to come back after it. */
const CUT_CODE = 4_900;

export function createCuttableNetwork(Base: typeof WebSocket): CuttableNetwork {
  const isOn = createStore(true);
  const open = new Set<WebSocket>();
  const cut = () => {
    for (const socket of open) socket.close(CUT_CODE, 'cut in the playground');
  };
  return {
    WebSocket: class extends Base {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        open.add(this);
        this.addEventListener('close', () => open.delete(this));
        if (!isOn.get()) this.close();
      }
    },
    isOn,
    cut,
    turn(value) {
      isOn.set(value);
      if (!value) cut();
    },
  };
}
