module letter_tables

go 1.26
