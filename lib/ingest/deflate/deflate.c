/*
 * DEFLATE (RFC 1951) for blocks of prose in JSON, compiled to WebAssembly by build.sh. It takes the whole of its input
 * at once, which zlib, made for streams, cannot count on: matches are compared eight bytes at a time, and tables hold
 * plain positions that are never moved. docs/decisions/053-own-deflate.md has what that is worth.
 *
 * The same input gives the same bytes on every machine: there is no arithmetic here but that of integers.
 *
 * Memory, from the linker's heap base on: `window` bytes that stand for nothing, so that position 0 can mean "none";
 * the input; `slack` bytes that comparisons may read beyond it; the output.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/* Left to itself, the compiler keeps the hottest functions apart, at a fifth of the speed. */
#define always_inline __attribute__((always_inline)) static inline
#define exported(name) __attribute__((export_name(name)))
#define window 32768u
#define slack 64u
#define length_min 3u
/* DEFLATE has matches of three bytes too. In prose they seldom beat three literals, and finding them takes time. */
#define match_min 4u
#define match_max 258u

extern u8 __heap_base;

static u8 *text(void) { return &__heap_base; }
/* Position of the first byte of the input. */
#define origin window

static u32 load32(const u8 *at) { u32 value; __builtin_memcpy(&value, at, 4); return value; }
static u64 load64(const u8 *at) { u64 value; __builtin_memcpy(&value, at, 8); return value; }
static void store64(u8 *at, u64 value) { __builtin_memcpy(at, &value, 8); }

/*
 * How hard it looks: at so many places for a match, at half as many for a better one at the next byte; at no more once
 * a match is good enough; and at none for a better one when this one is not below some length.
 */
#define depth_max 5u
#define good_enough 30u
#define lazy_below 8u

/* ---- where the same bytes were before ---- */

#define hash_bits 15
/* The last position with the same hash of its first four bytes, and before each position the one before it. */
static u32 last_place[1u << hash_bits];
static u32 before[window];

static u32 hash_of(u32 bytes) { return (bytes * 0x9e3779b1u) >> (32 - hash_bits); }

static void forget(void)
{
    __builtin_memset(last_place, 0, sizeof last_place);
}

static void remember(const u8 *bytes, u32 position)
{
    const u32 four = load32(bytes + position);
    u32 *last = &last_place[hash_of(four)];
    before[position % window] = *last;
    *last = position;
}

always_inline u32 common_length(const u8 *one, const u8 *other, u32 from, u32 most)
{
    u32 length = from;
    while (length < most) {
        const u64 difference = load64(one + length) ^ load64(other + length);
        if (difference) {
            length += (u32)__builtin_ctzll(difference) >> 3;
            break;
        }
        length += 8;
    }
    return length < most ? length : most;
}

struct match { u32 length, distance; };

/* The longest match at a position that is longer than `best`, among the last `depth` places; remembers the position. */
always_inline struct match longest_match(const u8 *bytes, u32 position, u32 best, u32 most, u32 depth)
{
    struct match found = {best, 0};
    const u8 *here = bytes + position;
    const u32 beyond = position - window;
    const u32 four = load32(here);
    u32 *last = &last_place[hash_of(four)];
    u32 place = *last;
    before[position % window] = place;
    *last = position;

    if (found.length < 4) {
        for (;; place = before[place % window]) {
            if (place <= beyond) return found;
            if (load32(bytes + place) == four) break;
            if (--depth == 0) return found;
        }
        found.length = common_length(here, bytes + place, 4, most);
        found.distance = position - place;
        if (found.length >= good_enough || --depth == 0) return found;
        place = before[place % window];
    }
    for (; place > beyond; place = before[place % window]) {
        const u8 *there = bytes + place;
        /* First what would make it longer, since most places agree at the beginning. */
        if (load32(there + found.length - 3) == load32(here + found.length - 3) && load32(there) == four) {
            const u32 length = common_length(here, there, 4, most);
            if (length > found.length) {
                found.length = length;
                found.distance = position - place;
                if (length >= good_enough) return found;
            }
        }
        if (--depth == 0) return found;
    }
    return found;
}

/* ---- what a block says ---- */

#define sequences_max 16384u
#define block_bytes_max (1u << 18)
#define literal_symbols 286u
#define distance_symbols 30u
#define end_of_block 256u

/* So many literals, and then a match; the last of a block may be literals alone (length 0). */
static struct { u32 literals; u16 length, distance; } sequences[sequences_max + 1];
static u32 sequence_count;
static u32 literal_counts[literal_symbols + 2];
static u32 distance_counts[distance_symbols + 2];

/* Symbol of each length, and of distances: up to 256, and beyond by their upper bits. */
static u8 length_symbols[match_max + 1];
static u8 short_distances[257];
static u8 long_distances[257];
static const u8 length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static u16 length_bases[29];
static u16 distance_bases[distance_symbols];
static u8 distance_extra[distance_symbols];

static u32 distance_symbol(u32 distance)
{
    return distance <= 256 ? short_distances[distance] : long_distances[(distance - 1) >> 7];
}

static void make_symbol_tables(void)
{
    u32 length = length_min;
    for (u32 symbol = 0; symbol < 28; symbol++) {
        length_bases[symbol] = (u16)length;
        for (u32 count = 1u << length_extra[symbol]; count > 0 && length <= match_max; count--)
            length_symbols[length++] = (u8)symbol;
    }
    /* 258 has a symbol of its own. */
    length_symbols[match_max] = 28;
    length_bases[28] = match_max;

    u32 distance = 1;
    for (u32 symbol = 0; symbol < distance_symbols; symbol++) {
        const u32 extra = symbol < 4 ? 0 : symbol / 2 - 1;
        distance_bases[symbol] = (u16)distance;
        distance_extra[symbol] = (u8)extra;
        for (u32 end = distance + (1u << extra); distance < end; distance++) {
            if (distance <= 256) short_distances[distance] = (u8)symbol;
            else long_distances[(distance - 1) >> 7] = (u8)symbol;
        }
    }
}

static u32 bit_width(u32 value) { return 32 - (u32)__builtin_clz(value); }

/*
 * Takes in sequences from a position on until a block is full; returns the position behind them. A match is put off by
 * one byte when the next byte begins a better one.
 */
__attribute__((noinline)) static u32 parse_block(u32 position, u32 end)
{
    const u8 *bytes = text();
    const u32 block_end = end - position > block_bytes_max ? position + block_bytes_max : end;
    /* Behind it four bytes cannot be hashed any more. */
    const u32 hash_end = end > 8 ? end - 8 : 0;
    u32 literals = 0;
    sequence_count = 0;
    __builtin_memset(literal_counts, 0, sizeof literal_counts);
    __builtin_memset(distance_counts, 0, sizeof distance_counts);
    while (position < block_end && sequence_count < sequences_max) {
        if (position >= hash_end) {
            literal_counts[bytes[position++]]++;
            literals++;
            continue;
        }
        const u32 most = end - position < match_max ? end - position : match_max;
        struct match match = longest_match(bytes, position, match_min - 1, most, depth_max);
        if (match.length < match_min) {
            literal_counts[bytes[position++]]++;
            literals++;
            continue;
        }
        u32 remembered = 1;
        while (match.length < lazy_below && position + 1 < hash_end) {
            const u32 rest = end - position - 1;
            const struct match next =
                longest_match(bytes, position + 1, match.length - 1, rest < match_max ? rest : match_max, depth_max / 2);
            const int gain = next.distance == 0 ? 0
                : 4 * (int)(next.length - match.length) + (int)bit_width(match.distance) - (int)bit_width(next.distance);
            if (gain <= 2) {
                remembered = 2;
                break;
            }
            literal_counts[bytes[position++]]++;
            literals++;
            match = next;
        }
        sequences[sequence_count].literals = literals;
        sequences[sequence_count].length = (u16)match.length;
        sequences[sequence_count].distance = (u16)match.distance;
        sequence_count++;
        literals = 0;
        literal_counts[257 + length_symbols[match.length]]++;
        distance_counts[distance_symbol(match.distance)]++;
        const u32 match_end = position + match.length;
        const u32 remember_end = match_end < hash_end ? match_end : hash_end;
        for (u32 at = position + remembered; at < remember_end; at++) remember(bytes, at);
        position = match_end;
    }
    sequences[sequence_count].literals = literals;
    sequences[sequence_count].length = 0;
    literal_counts[end_of_block]++;
    return position;
}

/* ---- prefix codes ---- */

#define symbols_max 288u

/*
 * Lengths of an optimal prefix code, none above `longest`. Two symbols at least get one, so that the code is complete.
 * Moffat and Katajainen, In-Place Calculation of Minimum-Redundancy Codes (1995); codes that come out too long are
 * shortened and paid for by lengthening the cheapest others.
 */
static void code_lengths(u32 *counts, u32 symbols, u32 longest, u8 *lengths)
{
    static u32 sorted[symbols_max], weights[symbols_max];
    u32 used = 0;
    for (u32 symbol = 0; symbol < symbols; symbol++) {
        lengths[symbol] = 0;
        if (counts[symbol]) sorted[used++] = symbol;
    }
    for (u32 symbol = 0; used < 2; symbol++) {
        if (counts[symbol]) continue;
        counts[symbol] = 1;
        sorted[used++] = symbol;
    }
    /* By count, then by symbol: Shell's sort is short and quick enough for 288. */
    for (u32 gap = 121; gap > 0; gap /= 3)
        for (u32 at = gap; at < used; at++) {
            const u32 symbol = sorted[at];
            u32 to = at;
            for (; to >= gap; to -= gap) {
                const u32 other = sorted[to - gap];
                if (counts[other] < counts[symbol] || (counts[other] == counts[symbol] && other < symbol)) break;
                sorted[to] = other;
            }
            sorted[to] = symbol;
        }

    for (u32 at = 0; at < used; at++) weights[at] = counts[sorted[at]];
    u32 leaf = 0, root = 0;
    for (u32 next = 0; next < used - 1; next++) {
        u32 weight = 0;
        for (u32 part = 0; part < 2; part++) {
            if (leaf >= used || (root < next && weights[root] < weights[leaf])) {
                weight += weights[root];
                weights[root++] = next;
            } else weight += weights[leaf++];
        }
        weights[next] = weight;
    }
    /* From parents to depths of the inner nodes, from the root down, and from those to how many leaves have each. */
    u32 with_length[64] = {0};
    weights[used - 2] = 0;
    for (u32 at = used - 2; at-- > 0;) weights[at] = weights[weights[at]] + 1;
    u32 available = 1, depth = 0, inner = used - 1;
    while (available > 0) {
        u32 inners = 0;
        while (inner > 0 && weights[inner - 1] == depth) {
            inners++;
            inner--;
        }
        with_length[depth < longest ? depth : longest] += available - inners;
        available = 2 * inners;
        depth++;
    }
    /* What was cut to `longest` uses more than there is: each move of a shorter code one down frees a part of it. */
    u32 total = 0;
    for (u32 length = 1; length <= longest; length++) total += with_length[length] << (longest - length);
    for (; total > 1u << longest; total--) {
        u32 length = longest - 1;
        while (with_length[length] == 0) length--;
        with_length[length]--;
        with_length[length + 1] += 2;
        with_length[longest]--;
    }
    u32 at = 0;
    for (u32 length = longest; length > 0; length--)
        for (u32 count = with_length[length]; count > 0; count--) lengths[sorted[at++]] = (u8)length;
}

static u32 reversed(u32 code, u32 bits)
{
    u32 result = 0;
    for (; bits > 0; bits--, code >>= 1) result = result << 1 | (code & 1);
    return result;
}

/* The canonical code of these lengths, as it is written: its first bit lowest. */
static void codes_of(const u8 *lengths, u32 symbols, u16 *codes)
{
    u32 with_length[16] = {0}, next[16] = {0};
    for (u32 symbol = 0; symbol < symbols; symbol++) with_length[lengths[symbol]]++;
    with_length[0] = 0;
    for (u32 length = 1; length < 16; length++) next[length] = (next[length - 1] + with_length[length - 1]) << 1;
    for (u32 symbol = 0; symbol < symbols; symbol++)
        codes[symbol] = (u16)reversed(next[lengths[symbol]]++, lengths[symbol]);
}

/* ---- bits out ---- */

static u8 *out;
static u64 bits;
static u32 bit_count;

always_inline void put(u32 value, u32 width)
{
    bits |= (u64)value << bit_count;
    bit_count += width;
}

/* After it there is room for 56 bits. */
always_inline void flush(void)
{
    store64(out, bits);
    out += bit_count >> 3;
    bits >>= bit_count & 56;
    bit_count &= 7;
}

/* Four of these and what a flush leaves fit 64 bits. */
#define literal_bits_max 14u
#define distance_bits_max 15u

static u8 literal_lengths[symbols_max], distance_lengths[symbols_max];
static u16 literal_codes[symbols_max], distance_codes[symbols_max];

/* The two codes, as lengths of lengths (RFC 1951, 3.2.7). */
static void put_codes(void)
{
    static const u8 order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    u8 all[literal_symbols + distance_symbols], steps[literal_symbols + distance_symbols];
    u8 repeats[literal_symbols + distance_symbols];
    u32 literals = literal_symbols, distances = distance_symbols, count = 0;
    while (literals > 257 && literal_lengths[literals - 1] == 0) literals--;
    while (distances > 1 && distance_lengths[distances - 1] == 0) distances--;
    for (u32 symbol = 0; symbol < literals; symbol++) all[count++] = literal_lengths[symbol];
    for (u32 symbol = 0; symbol < distances; symbol++) all[count++] = distance_lengths[symbol];

    u32 counts[19] = {0}, step_count = 0;
    for (u32 at = 0; at < count;) {
        const u8 length = all[at];
        u32 run = 1;
        while (at + run < count && all[at + run] == length) run++;
        u8 step = length, repeat = 0;
        if (length == 0 && run >= 3) {
            if (run > 138) run = 138;
            step = run < 11 ? 17 : 18;
            repeat = (u8)(run - (run < 11 ? 3 : 11));
        } else if (length != 0 && at > 0 && all[at - 1] == length && run >= 3) {
            if (run > 6) run = 6;
            step = 16;
            repeat = (u8)(run - 3);
        } else run = 1;
        steps[step_count] = step;
        repeats[step_count++] = repeat;
        counts[step]++;
        at += run;
    }
    u8 lengths[19];
    u16 codes[19];
    code_lengths(counts, 19, 7, lengths);
    codes_of(lengths, 19, codes);
    u32 given = 19;
    while (given > 4 && lengths[order[given - 1]] == 0) given--;
    put(literals - 257, 5);
    put(distances - 1, 5);
    put(given - 4, 4);
    flush();
    for (u32 at = 0; at < given; at++) {
        put(lengths[order[at]], 3);
        flush();
    }
    for (u32 at = 0; at < step_count; at++) {
        const u8 step = steps[at];
        put(codes[step], lengths[step]);
        if (step >= 16) put(repeats[at], step == 16 ? 2 : step == 17 ? 3 : 7);
        flush();
    }
}

__attribute__((noinline)) static void put_block(u32 position, u32 is_last)
{
    /* A length's code and its extra bits in one. */
    static u32 match_codes[match_max + 1];
    static u8 match_widths[match_max + 1];
    code_lengths(literal_counts, literal_symbols, literal_bits_max, literal_lengths);
    code_lengths(distance_counts, distance_symbols, distance_bits_max, distance_lengths);
    codes_of(literal_lengths, literal_symbols, literal_codes);
    codes_of(distance_lengths, distance_symbols, distance_codes);
    for (u32 length = length_min; length <= match_max; length++) {
        const u32 symbol = length_symbols[length];
        const u32 width = literal_lengths[257 + symbol];
        match_codes[length] = literal_codes[257 + symbol] | (length - length_bases[symbol]) << width;
        match_widths[length] = (u8)(width + length_extra[symbol]);
    }

    put(is_last, 1);
    put(2, 2);
    put_codes();
    const u8 *literal = text() + position;
    for (u32 at = 0; at <= sequence_count; at++) {
        u32 left = sequences[at].literals;
        for (; left >= 4; left -= 4, literal += 4) {
            put(literal_codes[literal[0]], literal_lengths[literal[0]]);
            put(literal_codes[literal[1]], literal_lengths[literal[1]]);
            put(literal_codes[literal[2]], literal_lengths[literal[2]]);
            put(literal_codes[literal[3]], literal_lengths[literal[3]]);
            flush();
        }
        for (; left > 0; left--, literal++) put(literal_codes[*literal], literal_lengths[*literal]);
        flush();
        const u32 length = sequences[at].length;
        if (length == 0) break;
        const u32 distance = sequences[at].distance;
        const u32 symbol = distance_symbol(distance);
        put(match_codes[length], match_widths[length]);
        put(distance_codes[symbol], distance_lengths[symbol]);
        put(distance - distance_bases[symbol], distance_extra[symbol]);
        flush();
        literal += length;
    }
    put(literal_codes[end_of_block], literal_lengths[end_of_block]);
    flush();
}

/* ---- the way in ---- */

/* Where an input of that length goes; the memory has to reach up to `end_of`. */
exported("inputAt") u32 input_at(void) { return (u32)(unsigned long)text() + origin; }

/* Where the output of an input of that length begins. */
static u32 output_at(u32 length) { return (input_at() + length + slack + 7) & ~7u; }
exported("outputAt") u32 output_at_(u32 length) { return output_at(length); }

/* Behind the most that the output of an input of that length may take: a code for every byte and some headers. */
exported("endOf") u32 end_of(u32 length) { return output_at(length) + length + length / 4 + 4096; }

/* Compresses what lies at `input_at`; returns how many bytes it became. */
exported("deflate") u32 deflate(u32 length)
{
    const u32 end = origin + length;
    make_symbol_tables();
    forget();
    out = (u8 *)(unsigned long)output_at(length);
    bits = 0;
    bit_count = 0;
    u32 position = origin;
    do {
        const u32 start = position;
        position = parse_block(position, end);
        put_block(start, position == end);
    } while (position < end);
    flush();
    if (bit_count > 0) out++;
    return (u32)(unsigned long)out - output_at(length);
}
