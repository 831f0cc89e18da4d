#include "commands/look_now.h"

#include <stdexcept>

#include "cli/version.h"
#include "observer/observer.h"
#include "tracking/reconciliation.h"

namespace halfclosed {

namespace {

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

}  // namespace

Look look_now(const CommonOptions& common, std::chrono::nanoseconds leak_after) {
    Observer::Settings settings;
    settings.build = {version(), revision()};
    settings.ports = common.ports;
    settings.all_namespaces = common.all_namespaces;
    settings.leak_after = leak_after;
    settings.processes = Observer::Processes::of_all;
    settings.answer_at_once();
    Observer observer(settings);
    look(observer);
    return {observer.take_snapshot(), observer.processes().error(), observer.watched_ports()};
}

}  // namespace halfclosed
