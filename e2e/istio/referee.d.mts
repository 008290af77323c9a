// Types of referee.mjs.
export function refereePath(): string;
export function hasReferee(): boolean;
export function goProblem(): string | undefined;
export function buildReferee(): boolean;
