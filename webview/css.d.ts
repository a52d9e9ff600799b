// The bundler writes style sheets beside the script; they have nothing to import.
declare module "*.css" {}
