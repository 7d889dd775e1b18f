module chart-lint-template-reference

go 1.26
