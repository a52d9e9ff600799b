/** Field of the native format for unknown fields whose names it uses otherwise. */
export const other = "other";

/** Name of the signal note that says how the group was found. */
export const groupNote = "group";
