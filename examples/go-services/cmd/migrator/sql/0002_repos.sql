CREATE TABLE repos (id serial PRIMARY KEY, name text NOT NULL);
