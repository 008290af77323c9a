// The WASI functions of Envoy: most of them refuse, as there.
import { WASI_IMPORTS } from "../import-table.ts";
import { toByteString } from "../byte-string.ts";
import { unsupported } from "../not-emulated.ts";
import type { HostFunction } from "../vm-options.ts";
import type { Vm } from "../vm.ts";

const ESUCCESS = 0;
const EBADF = 8;
const EFAULT = 21;
const EINVAL = 28;
const ENOENT = 44;
const ENOSYS = 52;
const ENOTSUP = 58;
/** `random_get` gives no more bytes at once. */
const MAX_RANDOM_BYTES = 65_536;
/** `fs_rights_base` of stdout and stderr: writing only. */
const RIGHTS_FD_WRITE = 64n;

/** The functions of this group, for one VM. */
export function wasiImports(vm: Vm): Record<string, HostFunction> {
  const { memory, options } = vm;
  const functions: Record<string, HostFunction> = {};
  for (const name of Object.keys(WASI_IMPORTS)) {
    functions[name] = () => {
      throw unsupported("wasi-stubs", `the guest called the WASI function ${name}`);
    };
  }
  return Object.assign(functions, {
    fd_write(fd: number, vectors: number, count: number, writtenOut: number) {
      if (fd !== 1 && fd !== 2) return EBADF;
      let text = "";
      for (let index = 0; index < count >>> 0; index++) {
        const pointer = memory.readWord(vectors + index * 8);
        const size = memory.readWord(vectors + index * 8 + 4);
        const part = pointer === null || size === null ? null : memory.readByteString(pointer, size);
        if (part === null) return EFAULT;
        text += part;
      }
      if (text.length > 0) vm.context.log(fd === 1 ? 2 : 4, text.endsWith("\n") ? text.slice(0, -1) : text);
      return memory.writeWord(writtenOut, text.length) ? ESUCCESS : EFAULT;
    },
    fd_read: () => ENOSYS,
    fd_fdstat_get(fd: number, out: number) {
      if (fd !== 1 && fd !== 2) return EBADF;
      const stored =
        memory.writeLong(out, 0n) &&
        memory.writeLong(out + 8, RIGHTS_FD_WRITE) &&
        memory.writeLong(out + 16, 0n);
      return stored ? ESUCCESS : EFAULT;
    },
    fd_prestat_get: () => EBADF,
    fd_prestat_dir_name: () => ENOSYS,
    path_open: () => ENOENT,
    environ_get(pointers: number, strings: number) {
      let target = strings;
      for (const [index, [name, value]] of [...options.environment].entries()) {
        const entry = toByteString(`${name}=${value}\0`);
        if (!memory.writeWord(pointers + index * 4, target) || !memory.write(target, entry)) return EFAULT;
        target += entry.length;
      }
      return ESUCCESS;
    },
    environ_sizes_get(countOut: number, sizeOut: number) {
      let size = 0;
      for (const [name, value] of options.environment) size += toByteString(`${name}=${value}\0`).length;
      return memory.writeWord(countOut, options.environment.size) && memory.writeWord(sizeOut, size)
        ? ESUCCESS
        : EFAULT;
    },
    args_get: () => ESUCCESS,
    args_sizes_get(countOut: number, sizeOut: number) {
      return memory.writeWord(countOut, 0) && memory.writeWord(sizeOut, 0) ? ESUCCESS : EFAULT;
    },
    clock_time_get(id: number, _precision: bigint, out: number) {
      if (id !== 0 && id !== 1) return ENOTSUP;
      return memory.writeLong(out, id === 0 ? options.wallNanoseconds() : options.monotonicNanoseconds())
        ? ESUCCESS
        : EFAULT;
    },
    random_get(pointer: number, size: number) {
      const length = size >>> 0;
      if (length > MAX_RANDOM_BYTES) return EINVAL;
      return length === 0 || memory.write(pointer, options.random(length)) ? ESUCCESS : EFAULT;
    },
    sched_yield: () => ESUCCESS,
    // Returns to the guest, as in Envoy: only a log line says that it was called.
    proc_exit(code: number) {
      options.report(0, `wasi proc_exit(${code}) called; the proxy goes on`);
    },
  } satisfies Record<string, HostFunction>);
}
