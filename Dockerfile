# The program alone: static, as nobody, in an empty image. `--target shell` has a shell too, for CI systems that need one.
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --release --locked && cp target/release/chart-lint /chart-lint

FROM alpine:3 AS shell
COPY --from=build /chart-lint /usr/local/bin/chart-lint
USER 65532:65532
WORKDIR /work

FROM scratch
COPY --from=build /chart-lint /chart-lint
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/chart-lint"]
