import { viewAs, type Tensors } from '../../tensor';
import type { WireTensors } from './protocol';

export function toWire(tensors: Tensors): WireTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => [
      name,
      { type, dims, bytes: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) },
    ]),
  );
}

export function fromWire(wire: WireTensors): Tensors {
  return Object.fromEntries(
    Object.entries(wire).map(([name, { type, dims, bytes }]) => [name, { type, dims, data: viewAs(type, bytes) }]),
  );
}
