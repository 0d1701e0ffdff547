/** Where downloads keep what has not its name yet, in the folder they go into. It is never shared. */
export const PARTS_FOLDER = '.skerry-part';
