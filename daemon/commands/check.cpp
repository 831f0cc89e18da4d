#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "commands/check_report.h"
#include "commands/checks.h"
#include "commands/commands.h"
#include "commands/lab_checks.h"
#include "exact/source.h"
#include "exporters/snapshot/summary.h"
#include "host/cgroup_tree.h"
#include "host/process_view.h"
#include "host/socket_holders.h"
#include "observer/observer.h"

namespace halfclosed {

namespace {

using Verdict = CheckResult::Verdict;

CheckResult collector(const std::string& what, const Collector& collector) {
    if (!collector.error().empty() && !collector.health().allowed) {
        return {what, Verdict::missing, collector.error(),
                "how long the kernel keeps FIN-WAIT-2 is not known, nor its limits",
                "a /proc without subset=pid (ProcSubset=all)"};
    }
    if (!collector.error().empty()) {
        return {what, Verdict::fails, collector.error(), {}, {}};
    }
    const std::chrono::duration<double, std::milli> took = collector.health().duration;
    return {what, Verdict::works, fmt::format("{:.1f} ms", took.count()), {}, {}};
}

CheckResult field(const std::string& name, const tracking::Reconciled& counts) {
    std::string note = fmt::format("counted {}, kernel {}", counts.counted, counts.kernel);
    if (counts.elsewhere > 0) {
        note += fmt::format(", {} of them in other namespaces", counts.elsewhere);
    }
    return {"counts agree: " + name, counts.within ? Verdict::works : Verdict::fails, note, {}, {}};
}

/// One poll of everything, once more if the counts lie outside the bracket: sockets come and go during a census.
void poll_and_reconcile(Observer& observer) {
    observer.poll();
    for (unsigned attempt = 0; attempt < tracking::Reconciler::kStrikes; ++attempt) {
        observer.take_census();
        if (observer.reconciled() || !observer.census().error().empty()) {
            return;
        }
    }
}

/// Whether sockets may be in namespaces that are not seen.
CheckResult network_namespaces(const exporters::Namespaces& spaces) {
    const char* const what = "network namespaces";
    const std::string watched = fmt::format("{} watched", spaces.watched.size());
    if (spaces.unreadable > 0) {
        return {what, Verdict::missing,
                fmt::format("{}, {} may not be entered{}{}", watched, spaces.unreadable,
                            spaces.trouble.empty() ? "" : ": ", spaces.trouble),
                "their sockets are not seen",
                "CAP_SYS_ADMIN, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH of the host's user "
                "namespace, and "
                "its PID namespace"};
    }
    if (spaces.all && !spaces.hidden.empty()) {
        return {what, Verdict::missing,
                fmt::format("{}; others may be hidden: {}", watched, spaces.hidden),
                "their sockets are not seen",
                "the host's PID namespace, and a /proc without hidepid"};
    }
    if (spaces.all) {
        return {what, Verdict::works, watched, {}, {}};
    }
    return {what,
            Verdict::works,
            spaces.not_watched
                ? fmt::format("our own; {}{} not watched (--namespaces all)",
                              spaces.hidden.empty() ? "" : "at least ", *spaces.not_watched)
                : "our own; whether there are others is not known",
            {},
            {}};
}

std::vector<CheckResult> kernel_findings(const CommonOptions& common) {
    Observer::Settings settings;
    settings.build = {version(), revision()};
    settings.ports = common.ports;
    settings.all_namespaces = common.all_namespaces;
    settings.answer_at_once();
    Observer observer(settings);
    poll_and_reconcile(observer);
    const exporters::Snapshot snapshot = observer.take_snapshot();
    std::vector<CheckResult> all{collector("poll (sock_diag)", observer.closing()),
                                 collector("census (sock_diag)", observer.census())};
    if (observer.has_mptcp()) {
        all.push_back({"MPTCP", Verdict::works, "its connections are seen", {}, {}});
    } else {
        all.push_back({"MPTCP", Verdict::missing, "this kernel does not tell of it",
                       "connections of MPTCP, if there are any, are not seen",
                       "a kernel with CONFIG_MPTCP and the module mptcp_diag"});
    }
    all.push_back(network_namespaces(snapshot.namespaces));
    for (const Collector* file : observer.kernel_files()) {
        all.push_back(collector(file->health().name + " (/proc)", *file));
    }
    if (snapshot.census && snapshot.census->reconciliation) {
        const tracking::Reconciliation& counts = *snapshot.census->reconciliation;
        for (const tracking::Count count : tracking::kCounts) {
            all.push_back(field(name(count), counts[count]));
        }
    }
    if (const std::string others = exporters::unwatched_sentence(snapshot); !others.empty()) {
        all.push_back({"other ports", Verdict::works, others, {}, {}});
    }
    if (const auto limit = snapshot.kernel.sysctls.max_orphans) {
        all.push_back({"tcp_max_orphans", Verdict::works, std::to_string(*limit), {}, {}});
    } else if (!snapshot.kernel.sysctls.fin_timeout) {
        all.push_back({"tcp_max_orphans", Verdict::missing, "not known: /proc/sys is not shown",
                       "the alert OrphansNearLimit has no limit to compare with",
                       "a /proc without subset=pid"});
    } else {
        all.push_back({"tcp_max_orphans", Verdict::missing, "not in this network namespace",
                       "the alert OrphansNearLimit has no limit to compare with",
                       "the initial network namespace: the host's"});
    }
    return all;
}

/// Whether the kernel may be asked to count itself. What this costs is told: it is loaded to be tried.
CheckResult exact_counts() {
    const char* const what = "exact counts (BPF)";
    const auto start = std::chrono::steady_clock::now();
    try {
        const exact::Source source;
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - start;
        std::string note = fmt::format("loaded and attached in {:.0f} ms", took.count());
        for (const std::string& left_out : source.left_out()) {
            note += "; no " + left_out;
        }
        return {what, Verdict::works, note, {}, {}};
    } catch (const std::exception& error) {
        return {what, Verdict::missing, error.what(),
                "transitions between two polls are counted as implied, or not at all; resets are "
                "not counted by reason",
                "CAP_BPF and CAP_PERFMON, and a kernel with CONFIG_DEBUG_INFO_BTF"};
    }
}

/// Whether a leak can be given the name of a unit.
CheckResult units() {
    const char* const what = "owners' units";
    const char* const costs =
        "a leak whose processes are not known either has the owner \"unknown\"";
    try {
        const host::CgroupTree tree;
        if (tree.whole()) {
            return {what, Verdict::works, "cgroup v2 at " + tree.mount().point, {}, {}};
        }
        return {what, Verdict::missing, "a part of cgroup v2 is at " + tree.mount().point, costs,
                "the host's cgroup namespace and its whole cgroup v2 hierarchy"};
    } catch (const std::exception& error) {
        return {what, Verdict::missing, error.what(), costs, "a mounted cgroup v2 hierarchy"};
    }
}

/// Whether the processes of other users can be told. What cannot be seen is not "is not there".
CheckResult processes() {
    const char* const what = "owners' processes";
    const char* const costs =
        "sockets of the others have no process beside them, and the unit is "
        "that of the cgroup in which they were made";
    try {
        const host::ProcessView view = host::read_process_view();
        const host::Holders holders = host::find_holders({});
        if (!view.whole) {
            return {what, Verdict::missing, view.limit, costs, view.remedy};
        }
        if (holders.unreadable == 0) {
            return {what, Verdict::works, "every process is readable", {}, {}};
        }
        return {what,
                Verdict::works,
                fmt::format("every process is readable but {}, which a security module or a "
                            "capability beyond ours shields",
                            holders.unreadable == 1
                                ? fmt::format("process {}", holders.first_unreadable)
                                : fmt::format("{}", holders.unreadable)),
                {},
                {}};
    } catch (const std::exception& error) {
        return {what, Verdict::missing, error.what(), costs, "a mounted /proc"};
    }
}

int check(const CommonOptions& common, bool json) {
    std::optional<Progress> progress(std::in_place,
                                     "asking the kernel, and looking at cgroups and processes");
    std::vector<CheckResult> all = run_checks(common);
    for (CheckResult& result : self_test([&progress](const std::string& scenario) {
             progress->now("trying the scenario " + scenario);
         })) {
        all.push_back(std::move(result));
    }
    progress.reset();
    const std::string text =
        json ? findings_json(all) : findings_table(all, terminal_style(common, 1));
    std::fwrite(text.data(), 1, text.size(), stdout);
    return all_well(all) ? 0 : 1;
}

}  // namespace

std::vector<CheckResult> run_checks(const CommonOptions& common) {
    std::vector<CheckResult> all = kernel_findings(common);
    all.push_back(exact_counts());
    all.push_back(units());
    all.push_back(processes());
    return all;
}

void add_check(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(
        app, "check",
        "What works here and what is missing, whether the counts agree with the kernel's, and the "
        "lab's quick scenarios as a self-test");
    auto json = std::make_shared<bool>(false);
    add_switch(command, "--json", *json, "One JSON object, schema halfclosed.check/1");
    on_chosen(command, [&common, &chosen, json] {
        chosen = [&common, json] { return check(common, *json); };
    });
}

}  // namespace halfclosed
