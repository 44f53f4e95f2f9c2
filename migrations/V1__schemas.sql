-- A room for each part of the lab, and one of our own for what the document has no place for.
CREATE SCHEMA infrastructure;
CREATE SCHEMA credentials;
CREATE SCHEMA network;
CREATE SCHEMA virtualization;
CREATE SCHEMA ai_ml;
CREATE SCHEMA testing;
CREATE SCHEMA scpi;
CREATE SCHEMA audit;
-- It may be there already: the list of applied migrations lives in it.
CREATE SCHEMA IF NOT EXISTS scpi_run;

-- In a known schema, so that functions with a fixed search path can name it.
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
