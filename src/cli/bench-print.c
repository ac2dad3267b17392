/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-print: the best of each size as a table and a plot; as JSON all of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/bench.h"
#include "cli/plot.h"
#include "cli/table.h"

#define SIZES 9
/* What is above the ceiling by more than this is no error of rounding. */
#define ABOVE 1.02

static const char *const kind_names[BENCH_KINDS] = { [BENCH_UC] = "uncached", [BENCH_WC] = "write-combining" };

/* The fastest by median. size_bytes 0: of any. NULL: nothing was measured. */
static const struct series *best_of(const struct bench_results *results, uint64_t size_bytes, enum bench_kind kind,
                                    const char **ret_name)
{
	const struct series *best = NULL;

	for (size_t i = 0; i < results->n; i++)
		for (uint32_t k = 0; k < results->at[i].series.n; k++) {
			const struct series *at = &results->at[i].series.at[k];

			if (at->kind != kind || (size_bytes && at->size_bytes != size_bytes) ||
			    (best && at->median_mbps <= best->median_mbps))
				continue;
			best = at;
			*ret_name = results->at[i].name;
		}
	return best;
}

/* ---- JSON ---- */

static struct json_object *series_to_json(const struct series *series)
{
	struct json_object *o = json_new_object();

	json_put_string(o, "mapping", kind_names[series->kind]);
	json_put_u64(o, "size_bytes", series->size_bytes);
	json_put_u64(o, "streams", series->streams);
	json_put_u64(o, "batches", series->batches);
	json_put_double(o, "median_mbps", series->median_mbps);
	json_put_double(o, "low_mbps", series->low_mbps);
	json_put_double(o, "high_mbps", series->high_mbps);
	json_put_double(o, "min_mbps", series->min_mbps);
	json_put_double(o, "p99_mbps", series->p99_mbps);
	return o;
}

static struct json_object *row_to_json(const struct bench_row *row)
{
	struct json_object *o = json_new_object(), *series = json_new_array();

	json_put_string(o, "instruction", row->name);
	json_put_string(o, "outcome", outcome_names[row->finding.outcome]);
	json_put_string(o, "text", row->finding.text);
	json_put_bool(o, "settled", row->n_passes && row->is_settled);
	json_put_u64(o, "passes", row->n_passes);
	for (uint32_t i = 0; i < row->series.n; i++)
		json_push(series, series_to_json(&row->series.at[i]));
	json_put(o, "series", series);
	return o;
}

static struct json_object *ceiling_to_json(const struct ceiling *ceiling)
{
	struct json_object *array = json_new_array();

	for (unsigned int i = 0; ceiling->mps_bytes && i <= CEILING_PAYLOADS; i++) {
		bool is_mps = i == CEILING_PAYLOADS;
		struct json_object *o = json_new_object();

		json_put_u64(o, "payload_bytes", is_mps ? ceiling->mps_bytes : 1u << i);
		json_put_double(o, "net_mbps", is_mps ? ceiling->net_of_mps_mbps : ceiling->net_mbps[i]);
		json_push(array, o);
	}
	return array;
}

static void put_link(struct json_object *o, const struct bench_results *results)
{
	const struct device *device = results->device;
	struct json_object *link = json_new_object();

	json_put_double(link, "gts", ceiling_gigatransfers(device->caps.link.speed));
	json_put_u64(link, "width", device->caps.link.width);
	json_put_u64(link, "mps_bytes", device->caps.mps_bytes);
	json_put_string(link, "aspm", results->aspm);
	json_put(o, "link", link);
}

static void put_target(struct json_object *o, const struct bench_results *results)
{
	struct json_object *target = json_new_object();
	char address[PCI_ADDRESS_SIZE];

	if (results->file) {
		json_put_string(target, "file", results->file);
	} else {
		pci_address_format(&results->device->address, address);
		json_put_string(target, "device", address);
		json_put_u64(target, "bar", results->bar->index);
	}
	json_put_u64(target, "range_bytes", results->order.range_bytes);
	json_put(o, "target", target);
}

struct json_object *bench_to_json(const struct bench_results *results)
{
	struct json_object *o = json_new_object(), *bench = json_new_object(), *rows = json_new_array();
	struct json_object *cpu = json_new_object();

	put_target(bench, results);
	if (results->device)
		put_link(bench, results);
	else
		json_put_null(bench, "link");
	if (results->order.cpu >= 0)
		json_put_u64(cpu, "number", (uint64_t)results->order.cpu);
	else
		json_put_null(cpu, "number");
	json_put_string(cpu, "governor", results->governor);
	json_put_u64(cpu, "frequency_khz", results->frequency_khz);
	json_put(bench, "cpu", cpu);
	json_put(bench, "ceilings", ceiling_to_json(&results->ceiling));
	for (size_t i = 0; i < results->n; i++)
		json_push(rows, row_to_json(&results->at[i]));
	json_put(bench, "instructions", rows);
	json_put_u64(o, "schema", 1);
	json_put(o, "bench", bench);
	return o;
}

/* ---- for people ---- */

static int add_cell(struct strs *cells, char *text)
{
	_cleanup_free_ char *cell = text;

	return cell ? strs_add(cells, cell) : -ENOMEM;
}

static int add_figures(const struct series *series, const char *name, struct strs *cells)
{
	if (!series)
		return strs_add(cells, "-") ?: strs_add(cells, "-") ?: strs_add(cells, "-") ?: strs_add(cells, "-") ?:
		       strs_add(cells, "-");
	return add_cell(cells, str_printf("%.0f", series->median_mbps)) ?:
	       add_cell(cells, str_printf("%.0f..%.0f", series->low_mbps, series->high_mbps)) ?:
	       add_cell(cells, str_printf("%.0f", series->min_mbps)) ?:
	       add_cell(cells, str_printf("%.0f", series->p99_mbps)) ?:
	       add_cell(cells, series->streams > 1 ? str_printf("%s x%u", name, series->streams)
	                                           : str_printf("%s", name));
}

static int print_table(const struct bench_results *results, struct err *err)
{
	static const struct column columns[] = {
		{ "SIZE", true },    { "UC MB/s", true }, { "95%", true },  { "MIN", true },
		{ "P99", true },     { "BY", false },     { "WC MB/s", true }, { "95%", true },
		{ "MIN", true },     { "P99", true },     { "BY", false },  { "GAIN", true },
	};
	_cleanup_(strs_done) struct strs cells = { 0 };
	int r = 0;

	for (uint64_t size_bytes = 64, i = 0; r == 0 && i < SIZES; i++, size_bytes *= 4) {
		const char *uc_name = NULL, *wc_name = NULL;
		const struct series *uc = best_of(results, size_bytes, BENCH_UC, &uc_name);
		const struct series *wc = best_of(results, size_bytes, BENCH_WC, &wc_name);
		char size[16];

		if (!uc && !wc)
			continue;
		size_format(size_bytes, size);
		r = strs_add(&cells, size) ?: add_figures(uc, uc_name, &cells) ?: add_figures(wc, wc_name, &cells);
		if (r == 0)
			r = add_cell(&cells, uc && wc ? str_printf("%.2f", wc->median_mbps / uc->median_mbps)
			                              : str_printf("-"));
	}
	if (r < 0)
		return err_set(err, r, "out-of-memory", "out of memory");
	return table_print(columns, ELEMENTSOF(columns), &cells, err);
}

/* The ceilings that a user asks for: a dword, a qword, a line, and the largest packet. */
enum { LINE_WC, LINE_UC, LINE_4, LINE_8, LINE_64, LINE_MPS, LINES };

static void print_plot(const struct bench_results *results)
{
	const struct ceiling *ceiling = &results->ceiling;
	const double level[LINES] = { [LINE_4] = ceiling->net_mbps[2], [LINE_8] = ceiling->net_mbps[3],
		                      [LINE_64] = ceiling->net_mbps[6], [LINE_MPS] = ceiling->net_of_mps_mbps };
	double y[LINES][SIZES] = { { 0 } };
	uint64_t x[SIZES];
	size_t n = 0;
	struct plot_line lines[LINES] = {
		[LINE_WC] = { 'W', results->file ? "the file, mapped once more" : "write-combining", y[LINE_WC] },
		[LINE_UC] = { 'u', results->file ? "the file" : "uncached (resourceN)", y[LINE_UC] },
		[LINE_4] = { '4', "ceiling of 4-byte packets", y[LINE_4] },
		[LINE_8] = { '8', "ceiling of 8-byte packets", y[LINE_8] },
		[LINE_64] = { '6', "ceiling of 64-byte packets", y[LINE_64] },
		[LINE_MPS] = { 'M', "ceiling of the largest packets (MPS)", y[LINE_MPS] },
	};

	for (uint64_t size_bytes = 64, i = 0; i < SIZES; i++, size_bytes *= 4) {
		const char *name;
		const struct series *uc = best_of(results, size_bytes, BENCH_UC, &name);
		const struct series *wc = best_of(results, size_bytes, BENCH_WC, &name);

		if (!uc && !wc)
			continue;
		x[n] = size_bytes;
		y[LINE_UC][n] = uc ? uc->median_mbps : 0;
		y[LINE_WC][n] = wc ? wc->median_mbps : 0;
		for (unsigned int l = LINE_4; l < LINES; l++)
			y[l][n] = level[l];
		n++;
	}
	/* A ceiling that is not known needs no legend. */
	if (n > 1)
		plot_print(stdout, x, n, lines, ceiling->mps_bytes ? LINES : LINE_4);
}

static void print_about(const struct bench_results *results)
{
	const struct ceiling_hop *hop = &results->ceiling.narrowest;
	char address[PCI_ADDRESS_SIZE], size[16];

	size_format(results->order.range_bytes, size);
	if (results->file) {
		printf("%s: %s of it, mapped as any program maps it: cached memory, the same in both columns\n",
		       results->file, size);
	} else {
		const struct link *link = &results->device->caps.link;

		pci_address_format(&results->device->address, address);
		printf("%s BAR %u: %s of it\n", address, results->bar->index, size);
		if (ceiling_gigatransfers(link->speed) > 0)
			printf("  link %g GT/s x%u, MPS %u, ASPM %s\n", ceiling_gigatransfers(link->speed), link->width,
			       results->device->caps.mps_bytes, results->aspm ?: "unknown");
		if (results->ceiling.mps_bytes)
			printf("  narrowest hop %g GT/s x%u; 64-byte packets carry at most %.0f MB/s there\n",
			       ceiling_gigatransfers(hop->speed), hop->width, results->ceiling.net_mbps[6]);
		else
			puts("  no ceiling: a link of its path is not known, or is a hypervisor's");
	}
	if (results->order.cpu >= 0)
		printf("  CPU %d, governor %s", results->order.cpu, results->governor ?: "unknown");
	if (results->frequency_khz)
		printf(", %.0f MHz", (double)results->frequency_khz / 1000);
	puts("\n  MB/s are 10^6 bytes a second; 95% is of the median, over passes, MIN the slowest batch, P99 nearly the fastest");
}

static void print_notes(const struct bench_results *results)
{
	const char *uc_name = NULL, *wc_name = NULL;
	const struct series *uc = best_of(results, 0, BENCH_UC, &uc_name);
	const struct series *wc = best_of(results, 0, BENCH_WC, &wc_name);
	double ceiling = results->ceiling.net_mbps[CEILING_PAYLOADS - 1];

	for (size_t i = 0; i < results->n; i++) {
		if (results->at[i].finding.outcome != OUTCOME_PASS)
			printf("%s: %s: %s\n", results->at[i].name, outcome_names[results->at[i].finding.outcome],
			       results->at[i].finding.text);
		else if (!results->at[i].is_settled)
			printf("%s: the machine did not settle before it was measured\n", results->at[i].name);
	}
	if (!uc || !wc)
		return;
	if (results->file)
		printf("best: %.0f MB/s by %s\n", wc->median_mbps, wc_name);
	else
		printf("best: WC %.0f MB/s by %s, UC %.0f MB/s by %s; gain %.2f over resourceN\n", wc->median_mbps,
		       wc_name, uc->median_mbps, uc_name, wc->median_mbps / uc->median_mbps);
	if (ceiling > 0 && wc->median_mbps > ceiling * ABOVE)
		printf("above the 64-byte ceiling of %.0f MB/s: larger packets, or link facts wrong\n", ceiling);
}

int bench_print(const struct bench_results *results, struct err *err)
{
	int r;

	print_about(results);
	r = print_table(results, err);
	if (r < 0)
		return r;
	print_plot(results);
	print_notes(results);
	return 0;
}
