/**
 * The steps to take if no native code for file locks can be loaded. A module of its own, because its importers are in bundles
 * that are loaded separately.
 */
export const nativeLockHint =
  'on Linux or macOS with Node 20 to 25, install claimlog again without --omit=optional; on another Node install python3, make and g++, then run npm rebuild fs-ext (npm rebuild -g --allow-scripts=fs-ext fs-ext for a global installation)'
