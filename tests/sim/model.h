/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: two CPUs with write-combining buffers, a link, and the memory of a device, behind the port of the microtests.
 * A healthy one keeps the rules of its memory type, whatever its parameters; a fault breaks them in one stated way.
 */
#pragma once

#include <setjmp.h>

#include "act/port.h"
#include "sim/param.h"

#define MODEL_LINE_MAX 128
#define MODEL_BUFFERS_MAX 16
#define MODEL_RANGE_MAX (1 << 20)
/* Memory on both sides of the range, in which stores that went astray are counted. */
#define MODEL_MARGIN 65536

/* What a healthy machine may be like: rows of healthy_params, in its order. */
enum healthy {
	HEALTHY_PAGES,
	HEALTHY_BUFFERS,
	HEALTHY_LINE,
	HEALTHY_GATHER,
	HEALTHY_ORDER,
	HEALTHY_MOMENT,
	HEALTHY_CHANCE,
	HEALTHY_PARTIAL,
	HEALTHY_CRACK,
	HEALTHY_LOAD,
	HEALTHY_FENCE,
	HEALTHY_REPEAT,
	HEALTHY_LIBC,
	HEALTHY_BACKWARD,
	HEALTHY_LINK,
	HEALTHY_READ,
	HEALTHY_PROOF,
	HEALTHY_PEER,
	HEALTHY_GUEST,
	HEALTHIES
};
extern const struct param healthy_params[HEALTHIES + 1];

enum order { ORDER_FIFO, ORDER_LRU, ORDER_RANDOM };
enum moment { MOMENT_FULL, MOMENT_PRESSURE, MOMENT_RANDOM, MOMENT_TIMER };
enum load { LOAD_FORWARD, LOAD_FLUSH_LINE, LOAD_FLUSH_ALL };
enum proof { PROOF_LIST, PROOF_FAULT };

/* Bytes that leave a CPU together: bit i % 64 of on[i / 64] is the byte enable of bytes[i]. */
struct packet {
	uint64_t address; /* offset in the range; what is not inside wraps at 2^64 */
	unsigned int size;
	uint64_t on[2];
	uint8_t bytes[MODEL_LINE_MAX];
	bool is_wc;
	unsigned int widths; /* of the stores that made it, or-ed */
};

/* One store of one CPU, before buffers: bit i of on is the byte enable of bytes[i]. */
struct access {
	struct cpu *cpu;
	uint64_t address;
	unsigned int n; /* 1 .. 64 */
	uint64_t on;
	uint8_t bytes[64];
	bool is_wc, is_direct;
	unsigned int width; /* n of the whole store, which this may be a piece of */
};

struct buffer {
	bool is_used;
	uint64_t line; /* its address */
	uint64_t on[2];
	uint8_t bytes[MODEL_LINE_MAX];
	unsigned int widths; /* as a packet's */
	uint64_t born, touched; /* in accesses */
};

struct cpu {
	struct buffer at[MODEL_BUFFERS_MAX];
	bool is_fenced; /* what is in the buffers leaves before anything else enters them */
	uint64_t accesses;
};

struct fault_info;

struct fault {
	const struct fault_info *info; /* NULL: healthy */
	struct values values;
	/* What a fault remembers; each uses them in its own way. */
	uint64_t count, last, total;
	struct packet kept[MODEL_BUFFERS_MAX];
	unsigned int n_kept;
};

struct model {
	struct values healthy;
	struct fault fault;
	uint64_t size_bytes;
	enum window_kind kind;
	struct cpu cpus[2]; /* the test's own, the peer's */
	uint64_t random;    /* state */

	uint64_t now_ps, link_free_ps;

	uint64_t outside; /* accesses of the test outside its range, with nothing mapped, or against an operation's contract */
	uint64_t strays;  /* bytes that arrived in the margins, or beyond */
	const char *death; /* why the child ended */
	jmp_buf landing;   /* where it ends */

	uint8_t stale[MODEL_RANGE_MAX]; /* what a read cache remembers */
	uint8_t is_stale[MODEL_RANGE_MAX / 64];
	uint8_t memory[MODEL_MARGIN + MODEL_RANGE_MAX + MODEL_MARGIN];
};

/* Contents are noise of the seed; nothing is mapped. NULL fault: healthy. */
void model_init(struct model *model, const struct values *healthy, const struct fault *fault, uint64_t seed);
/* What is behind the range and its margins is not copied. */
void model_copy(struct model *to, const struct model *from);
struct port model_port(struct model *model);
/* Ends the child: goes to landing. */
_Noreturn void model_die(struct model *model, const char *why);
uint64_t model_random(struct model *model);
static inline uint64_t model_is(const struct model *model, enum healthy i)
{
	return model->healthy.at[i];
}

/* What stores of 1 << i bytes that each go alone get at most, in MB/s (10^6). */
void model_ceilings(const struct model *model, double ret[static 7]);

/* ---- from the CPU to the memory; each goes through the fault's hooks ---- */

void access_store(struct model *model, struct access *access);
/* Behind the fault: cut as the CPU cuts, and on to the buffers or the link. */
void access_cut(struct model *model, const struct access *access);
/* n bytes from address as this CPU sees them. */
void access_load(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *ret);

/* A store within one line of buffers. */
void wc_store(struct model *model, const struct access *piece);
void wc_evict(struct model *model, struct buffer *buffer);
void wc_flush(struct model *model, struct cpu *cpu);
struct buffer *wc_find(const struct model *model, struct cpu *cpu, uint64_t address);

/* To the link, and from there to the memory. */
void bus_send(struct model *model, struct packet *packet);
/* As a packet of its own. */
void bus_send_access(struct model *model, const struct access *piece);
void bus_arrive(struct model *model, const struct packet *packet);
void bus_put(struct model *model, uint64_t address, uint8_t byte);
uint8_t bus_get(const struct model *model, uint64_t address);
/* A read's turn round the link, behind all that was sent. */
void bus_wait(struct model *model, uint64_t factor);

static inline bool packet_has(const struct packet *packet, unsigned int i)
{
	return packet->on[i / 64] >> (i % 64) & 1;
}
static inline bool packet_is_empty(const struct packet *packet)
{
	return !(packet->on[0] | packet->on[1]);
}
