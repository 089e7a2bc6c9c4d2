CREATE TABLE users (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, "order" text);
--> statement-breakpoint
CREATE TABLE "wallets" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "is ok" integer NOT NULL DEFAULT 7, "Kind" text, "email" integer);