#include <cstdio>
#include <limits>
#include <memory>
#include <stdexcept>

#include "cli/flags.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "commands/commands.h"
#include "commands/filter_flags.h"
#include "exporters/json/snapshot_json.h"
#include "exporters/terminal/snapshot_table.h"
#include "observer/observer.h"
#include "tracking/reconciliation.h"

namespace halfclosed {

namespace {

struct SnapshotOptions {
    bool json = false;
    exporters::SocketFilter filter;
};

/// One poll of everything. Sockets come and go during a census: one that lies outside the bracket of sockstat is
/// repeated, as often as it takes to call it a mismatch.
void look(Observer& observer) {
    observer.poll();
    if (!observer.closing().error().empty()) {
        throw std::runtime_error(observer.closing().error());
    }
    for (unsigned attempt = 0; attempt < tracking::Reconciler::kStrikes; ++attempt) {
        observer.take_census();
        if (!observer.census().error().empty()) {
            throw std::runtime_error(observer.census().error());
        }
        if (observer.reconciled()) {
            return;
        }
    }
}

int snapshot(const CommonOptions& common, const SnapshotOptions& options) {
    Observer::Settings settings;
    settings.build = {version(), revision()};
    settings.ports = common.ports;
    settings.processes = Observer::Processes::of_all;
    settings.most_gets = std::numeric_limits<std::size_t>::max();
    Observer observer(settings);
    look(observer);
    exporters::Snapshot snapshot = observer.take_snapshot();
    options.filter.apply(snapshot);
    const std::string text = options.json
                                 ? exporters::snapshot_json(snapshot)
                                 : exporters::snapshot_table(snapshot, terminal_style(common, 1));
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

}  // namespace

void add_snapshot(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(
        app, "snapshot", "List each half-closed socket of the watched ports, and why it is there");
    auto options = std::make_shared<SnapshotOptions>();
    add_switch(command, "--json", options->json, "One JSON object, schema halfclosed.snapshot/1");
    add_filter_flags(command, options->filter);
    on_chosen(command, [&common, &chosen, options] {
        chosen = [&common, options] { return snapshot(common, *options); };
    });
}

}  // namespace halfclosed
