#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "commands/scenario/packetdrill_run.h"
#include "commands/scenario/scenario.h"
#include "commands/scenario/scenario_run.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/verdict/run_json.h"
#include "text/time.h"

namespace halfclosed {

namespace {

using scenarios::catalogue;
using scenarios::Scenario;

constexpr const char* kOwnNamespaces = "scenarios have ports and namespaces of their own";

std::chrono::microseconds parse_tolerance(const std::string& text) {
    const std::chrono::nanoseconds duration = text::parse_duration(text);
    if (duration > std::chrono::minutes{1}) {
        throw std::invalid_argument("'" + text + "' is more than 1m");
    }
    return std::chrono::duration_cast<std::chrono::microseconds>(duration);
}

int list_scenarios(const ScenarioOptions& options) {
    std::size_t widest = 0;
    for (const Scenario& scenario : catalogue()) {
        widest = std::max(widest, scenario.name.size());
    }
    for (const Scenario& scenario : catalogue()) {
        if (options.json) {
            std::puts(scenarios::listing_json(scenario).c_str());
        } else {
            std::printf("%-*s  %s%s\n", static_cast<int>(widest), scenario.name.c_str(),
                        scenario.summary.c_str(), scenario.unavailable ? " (unavailable)" : "");
        }
    }
    return 0;
}

/// Names are looked up and files read as the command line is parsed.
void add_choices(CLI::App& run, ScenarioChoice& choice) {
    add_each(
        run, "name", [&choice](const std::string& text) { choice.add_name(text); }, "NAME",
        "Names of scenarios, or all");
    add_each(
        run, "--file", [&choice](const std::string& text) { choice.add_file(text); }, "FILE",
        "A scenario file of your own, see halfclosed-scenario(5); repeatable");
}

/// Scripts of others in place of scenarios.
void add_scripts(CLI::App& run, ScenarioOptions& options) {
    CLI::Option* const scripts = add_list(
        run, "--packetdrill",
        [&options](const std::string& text) { options.packetdrill.add(text); }, "FILE",
        "Play packetdrill scripts over a TUN device instead of scenarios: files, or directories of "
        "*.pkt");
    for (const char* const other : {"name", "--file", "--fin-timeout", "--hold", "--exact", "--svg",
                                    "--pcap", "--stream", "--via"}) {
        exclude(run, scripts, other);
    }
    CLI::Option* const tolerance =
        add_value(run, "--tolerance", options.tolerance, parse_tolerance, "DURATION", "",
                  "How far from the times of a packetdrill script segments and calls may be, where "
                  "it does not allow "
                  "more itself; packetdrill's 4ms unless given");
    CLI::Option* const matrix = add_value(
        run, "--matrix", options.matrix, parse_file_name, "FILE", "",
        "Write the table state, event, verdict over all packetdrill scripts, as Markdown");
    require(tolerance, scripts);
    require(matrix, scripts);
}

/// Throws UsageError if there is nothing to run, or too much for one file.
void check_choice(const ScenarioOptions& options) {
    if (options.packetdrill.empty() && options.choice.scenarios().empty() &&
        options.choice.skipped().empty()) {
        throw UsageError("NAME, --file or --packetdrill is required");
    }
    try {
        check_svg(options.files.svg, options.choice.scenarios().size());
    } catch (const std::invalid_argument& error) {
        throw UsageError("--svg", error.what());
    }
}

}  // namespace

void add_scenario(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(app, "scenario",
                                    "Run TCP connections that end in known ways, in a private "
                                    "network namespace, and compare what the kernel did with what "
                                    "TCP specifies");
    on_alone(command, [&chosen](const std::string& help) {
        chosen = [help] {
            std::fputs(help.c_str(), stdout);
            return 0;
        };
    });
    auto options = std::make_shared<ScenarioOptions>();

    CLI::App& list = add_command(command, "list", "List the scenarios");
    add_switch(list, "--json", options->json,
               "One JSON object per line, schema halfclosed.scenario-list/1");
    on_chosen(list, [&common, &chosen, options] {
        refuse_watching(common, kOwnNamespaces);
        chosen = [options] { return list_scenarios(*options); };
    });

    CLI::App& run = add_command(command, "run", "Run scenarios and judge them");
    add_choices(run, options->choice);
    add_value(run, "--fin-timeout", options->parameters.fin_timeout, scenarios::parse_fin_timeout,
              "DURATION", "2s",
              "How long FIN-WAIT-2 lasts: tcp_fin_timeout of the private namespace, 1s to 60s");
    add_value(run, "--hold", options->parameters.hold, scenarios::parse_hold, "DURATION", "1s",
              "How long a scenario with a leak holds it, up to 24h");
    add_switch(run, "--json", options->json,
               "One JSON object per line, schema halfclosed.scenario/1");
    add_switch(run, "--exact", options->exact,
               "Take the times of states from the kernel itself, by BPF programs, if this process "
               "may load them");
    add_value(
        run, "--svg", options->files.svg, parse_file_name, "FILE", "",
        "Draw an SVG diagram of the run; for several scenarios name a directory, or a file with %s "
        "for the scenario's name");
    add_value(run, "--pcap", options->files.pcap, parse_file_name, "FILE", "",
              "Write the captured packets of all runs, in their order, for Wireshark and tshark");
    CLI::Option* const stream = add_switch(
        run, "--stream", options->stream,
        "One JSON object per line for every event as it happens, and at the end that of --json");
    exclude(run, stream, "--json");
    CLI::Option* const via =
        add_text(run, "--via", options->via, "SOCKET",
                 "Let the daemon behind this control socket run them, with its privileges");
    exclude(run, via, "--file");
    exclude(run, via, "--exact");
    add_scripts(run, *options);
    on_chosen(run, [&common, &chosen, options] {
        refuse_watching(common, kOwnNamespaces);
        check_choice(*options);
        chosen = [&common, options] {
            return options->packetdrill.empty() ? run_scenarios(common, *options)
                                                : run_packetdrill(common, *options);
        };
    });
}

}  // namespace halfclosed
