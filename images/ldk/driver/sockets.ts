import net from 'node:net';
import * as ldk from 'ldk-0.1.2';
import { OperationError } from 'boltgrid/driver';
import { unhex } from './ldk.ts';

/** TCP for LDK's PeerManager. */
export class Sockets {
  readonly #manager: ldk.PeerManager;
  readonly #pump: () => void;
  readonly #descriptors = new Set<ldk.SocketDescriptor>();
  #next = 0n;

  constructor(manager: ldk.PeerManager, pump: () => void) {
    this.#manager = manager;
    this.#pump = pump;
  }

  listen(host: string, port: number): Promise<net.AddressInfo> {
    const server = net.createServer((socket) => {
      const descriptor = this.#attach(socket);
      if (!this.#manager.new_inbound_connection(descriptor, remoteAddress(socket)).is_ok()) socket.destroy();
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        resolve(server.address() as net.AddressInfo);
      });
    });
  }

  /** Resolves when act one is sent; the handshake goes on by itself. `rejected` when nothing listens there. */
  connect(host: string, port: number, publicKey: string): Promise<{ readonly ended: Promise<void> }> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, host);
      socket.once('error', (error) => {
        reject(new OperationError('rejected', `${host}:${port}: ${error.message}`));
      });
      socket.once('connect', () => {
        const ended = new Promise<void>((end) =>
          socket.once('close', () => {
            end();
          }),
        );
        const descriptor = this.#attach(socket);
        const result = this.#manager.new_outbound_connection(
          unhex(publicKey),
          descriptor,
          remoteAddress(socket),
        );
        if (result instanceof ldk.Result_CVec_u8ZPeerHandleErrorZ_OK) {
          descriptor.send_data(result.res, true);
          resolve({ ended });
        } else {
          socket.destroy();
          reject(new OperationError('rejected', 'LDK refused the connection'));
        }
      });
    });
  }

  #attach(socket: net.Socket): ldk.SocketDescriptor {
    const id = this.#next++;
    let full = false;
    let closed = false;
    socket.setNoDelay(true);
    const descriptor = ldk.SocketDescriptor.new_impl({
      send_data(data, resume) {
        if (resume) socket.resume();
        if (full || closed) return 0;
        full = !socket.write(data);
        return data.length;
      },
      disconnect_socket() {
        closed = true;
        socket.destroy();
      },
      eq: (other) => other.hash() === id,
      hash: () => id,
    });
    this.#descriptors.add(descriptor);
    socket.on('drain', () => {
      full = false;
      if (!closed && !this.#manager.write_buffer_space_avail(descriptor).is_ok()) socket.destroy();
    });
    socket.on('data', (bytes) => {
      if (closed) return;
      const read = this.#manager.read_event(descriptor, Uint8Array.from(bytes));
      if (read instanceof ldk.Result_boolPeerHandleErrorZ_OK) {
        if (read.res) socket.pause();
      } else {
        closed = true;
        socket.destroy();
      }
      this.#pump();
    });
    socket.on('error', () => undefined); // `close` follows.
    socket.on('close', () => {
      closed = true;
      this.#manager.socket_disconnected(descriptor);
      this.#descriptors.delete(descriptor);
      this.#pump();
    });
    return descriptor;
  }
}

function remoteAddress(socket: net.Socket): ldk.Option_SocketAddressZ {
  const { remoteAddress: address, remotePort } = socket;
  if (address === undefined || remotePort === undefined || !net.isIPv4(address)) {
    return ldk.Option_SocketAddressZ.constructor_none();
  }
  const bytes = Uint8Array.from(address.split('.').map(Number));
  return ldk.Option_SocketAddressZ.constructor_some(
    ldk.SocketAddress.constructor_tcp_ip_v4(bytes, remotePort),
  );
}
