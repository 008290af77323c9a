// What this module makes use of. The preset's transform sets to false what it does not, so that asc leaves it out.

/** The memory manager is the one of runtime/. The transform sets it to true where it has put that in place. */
export const OWN_RUNTIME: bool = false;

/** Some registration names a root id. */
export const ROOT_IDS: bool = true;

/** Some class extends RootContext. */
export const ROOTS: bool = true;

/** Some class extends TcpContext. */
export const TCP: bool = true;

/** Something mentions a call to a cluster. */
export const CALLOUTS: bool = true;

/** Something mentions a timer. */
export const TIMERS: bool = true;

/** Nobody has checked that a context is registered: that is left to the module itself, when it is loaded. */
export const UNCHECKED: bool = true;

/** Each stream has an object of its own: some filter class has state, or a method that needs it. */
export const STREAM_OBJECTS: bool = true;

/**
 * A stream's object is made when the host tells of the stream; if not, with the stream's first callback, which spares
 * the host a call.
 */
export const EAGER_STREAMS: bool = true;

/** Some class of streams has a constructor, or a field that begins as something else than 0, false or null. */
export const STREAM_CONSTRUCTORS: bool = true;

/** Some class overrides `onDelete`. */
export const DELETES: bool = true;

/** Something asks for a whole body while the headers are held. */
export const HOLDS: bool = true;

/** The filter uses the tick of its root itself. */
export const TICKS: bool = true;
