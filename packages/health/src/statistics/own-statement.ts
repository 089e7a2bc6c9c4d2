// The mark of the monitor's own statements, by which it leaves them out of what it counts.

/** Ends the text of every statement of the monitor that an application's connection runs. */
export const ownStatementMark = '/* @cc/health */';
