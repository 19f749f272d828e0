#!/bin/sh
# Makes scan.wasm of scan.c; needs clang and lld 14 or newer (Debian: clang lld).
cd "$(dirname "$0")" || exit
exec ${CLANG:-clang} --target=wasm32 -O3 -Wall -Wextra -msimd128 -mbulk-memory -nostdlib \
  -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536 -o "${1:-scan.wasm}" scan.c
