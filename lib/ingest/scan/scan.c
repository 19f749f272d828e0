/*
 * The looks at a block of `plain-chat.ts` and `places.ts`, sixteen bytes at a time, compiled to WebAssembly by build.sh.
 * Those two say what is looked for and are what browsers run; tests hold both to the same answers.
 *
 * Memory, from the linker's heap base on: the block, and `slack` zeros behind it.
 */
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned int u32;

#define exported(name) __attribute__((export_name(name)))
#define always_inline __attribute__((always_inline)) static inline
#define slack 32u

extern u8 __heap_base;
static u8 *text(void) { return (u8 *)(((unsigned long)&__heap_base + 15) & ~15ul); }

exported("blockAt") u32 block_at(void) { return (u32)(unsigned long)text(); }
exported("endOf") u32 end_of(u32 length) { return block_at() + length + slack; }

static u32 block_length;

/* To be told when a block has been put at `block_at`. */
exported("begin") void begin(u32 length)
{
    block_length = length;
    __builtin_memset(text() + length, 0, slack);
}

/* ---- places ---- */

#define window 32768u
static u32 places[window];
exported("placesAt") u32 places_at(void) { return (u32)(unsigned long)places; }

#define is(vector, byte) wasm_i8x16_eq(vector, wasm_i8x16_splat(byte))

/* The places in the next `window` bytes from a multiple of it on; returns how many there are. */
exported("findPlaces") u32 find_places(u32 from)
{
    const u8 *bytes = text();
    const u32 to = block_length - from < window ? block_length : from + window;
    u32 count = 0;
    for (u32 at = from; at < to; at += 16) {
        const v128_t here = wasm_v128_load(bytes + at);
        const v128_t next = wasm_v128_load(bytes + at + 1);
        const v128_t alone = is(here, '@') | is(here, '_');
        const v128_t pairs = (is(here, 'k') & is(next, '-')) | (is(here, 'x') & is(next, 'o')) |
            (is(here, 'A') & (is(next, 'K') | is(next, 'S') | is(next, 'I'))) |
            (is(here, 'J') & (is(next, 'h') | is(next, '0'))) | (is(here, 'P') & is(next, 'R'));
        const v128_t digit = wasm_u8x16_lt(wasm_i8x16_sub(here, wasm_i8x16_splat('0')), wasm_i8x16_splat(10));
        /* The first byte of each word of four digits. */
        const v128_t words = wasm_i32x4_eq(digit, wasm_i32x4_splat(-1)) & wasm_i32x4_splat(0xff);
        u32 found = wasm_i8x16_bitmask(alone | pairs | words);
        for (; found; found &= found - 1) {
            const u32 place = at + (u32)__builtin_ctz(found);
            if (place < to) places[count++] = place;
        }
    }
    return count;
}

/* ---- chat rows ---- */

enum { role_system, role_user, role_assistant, role_tool, role_none };

/* characters, spoken, turns, and how many of each role */
static u32 tally[7];
exported("tallyAt") u32 tally_at(void) { return (u32)(unsigned long)tally; }

#define breaks_max 4096u
static u32 breaks[breaks_max * 2];
static u32 break_count;
exported("breaksAt") u32 breaks_at(void) { return (u32)(unsigned long)breaks; }
exported("breakCount") u32 breaks_found(void) { return break_count; }

/* Where the reading is; null once it has failed. */
static const u8 *cursor;

always_inline int is_space(u8 byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

static void skip_space(void)
{
    const u8 *at = cursor, *broken = 0;
    for (; is_space(*at); at++)
        if (!broken && (*at == '\n' || *at == '\r')) broken = at;
    if (broken && break_count < breaks_max) {
        breaks[break_count * 2] = (u32)(broken - text());
        breaks[break_count * 2 + 1] = (u32)(at - text());
    }
    break_count += broken != 0;
    cursor = at;
}

always_inline int takes(u8 byte)
{
    if (*cursor != byte) return 0;
    cursor++;
    if (is_space(*cursor)) skip_space();
    return 1;
}

always_inline int takes_word(const char *word, u32 length)
{
    for (u32 at = 0; at < length; at++) if (cursor[at] != (u8)word[at]) return 0;
    cursor += length;
    if (is_space(*cursor)) skip_space();
    return 1;
}
#define takes_text(word) takes_word(word, sizeof(word) - 1)

always_inline int takes_role(void)
{
    if (takes_text("\"user\"")) return role_user;
    if (takes_text("\"assistant\"")) return role_assistant;
    if (takes_text("\"system\"")) return role_system;
    if (takes_text("\"tool\"")) return role_tool;
    return role_none;
}

always_inline int is_hex(u8 byte)
{
    const u8 letter = byte | 0x20;
    return (byte >= '0' && byte <= '9') || (letter >= 'a' && letter <= 'f');
}

/* Bytes of the escape at a backslash; 0 when it is none. */
static u32 escape_length(const u8 *at)
{
    switch (at[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        return 2;
    case 'u':
        return is_hex(at[2]) && is_hex(at[3]) && is_hex(at[4]) && is_hex(at[5]) ? 6 : 0;
    default:
        return 0;
    }
}

/* Characters (UTF-16 code units) of a string; 0 when it is none, empty, or not a valid one. */
always_inline u32 takes_string(void)
{
    if (*cursor != '"') return 0;
    const u8 *start = cursor + 1, *at = start, *end = text() + block_length;
    u32 less = 0;
    while (at < end) {
        const v128_t bytes = wasm_v128_load(at);
        /* As signed numbers, control characters and all beyond ASCII are less than a space. */
        const u32 special = wasm_i8x16_bitmask(
            wasm_i8x16_lt(bytes, wasm_i8x16_splat(0x20)) | is(bytes, '"') | is(bytes, '\\'));
        if (special == 0) {
            at += 16;
            continue;
        }
        at += __builtin_ctz(special);
        if (*at == '"') {
            cursor = at + 1;
            return (u32)(at - start) - less;
        }
        if (*at == '\\') {
            const u32 length = escape_length(at);
            if (length == 0) return 0;
            less += length - 1;
            at += length;
        } else if (*at < 0x20) return 0;
        else {
            /* Of a sequence in UTF-8 one byte counts, and two of the longest, which becomes a pair of surrogates. */
            const u32 length = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
            less += length == 4 ? 2 : length - 1;
            at += length;
        }
    }
    return 0;
}

/* Whether bytes [from, to) of the block are a chat row with nothing to complain about; its tally and its breaks. */
exported("readsChat") u32 reads_chat(u32 from, u32 to)
{
    cursor = text() + from;
    break_count = 0;
    __builtin_memset(tally, 0, sizeof tally);
    if (!(takes('{') && takes_text("\"messages\"") && takes(':') && takes('['))) return 0;
    int before = role_none;
    do {
        if (!(takes('{') && takes_text("\"role\"") && takes(':'))) return 0;
        const int role = takes_role();
        if (role == role_none || (role == role_system && before != role_none)) return 0;
        if (role == before && (role == role_user || role == role_assistant)) return 0;
        if (!(takes(',') && takes_text("\"content\"") && takes(':'))) return 0;
        const u32 characters = takes_string();
        if (characters == 0) return 0;
        if (is_space(*cursor)) skip_space();
        if (!takes('}')) return 0;
        tally[0] += characters;
        if (role == role_assistant) tally[1] += characters;
        tally[2]++;
        tally[3 + role]++;
        before = role;
    } while (takes(','));
    if (!takes(']') || *cursor != '}') return 0;
    return cursor + 1 == text() + to && tally[3 + role_assistant] > 0 && break_count <= breaks_max;
}
