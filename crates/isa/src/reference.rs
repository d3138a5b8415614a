//! Reference pages, made from the tables.
