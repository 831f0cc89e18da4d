#include "observer/observer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "host/interface_names.h"
#include "host/process_metrics.h"
#include "observer/descriptor_check.h"
#include "posix/clock.h"

namespace halfclosed {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// The holders of a socket that has been in CLOSE-WAIT for so long are looked for: a keepalive may reset it long before
/// it is called a leak, after 15 s in a Go program, and then only its descriptor is left to find.
constexpr seconds kLookForHoldersAfter{3};

/// Descriptors run out in minutes at the soonest that anybody can do something about.
constexpr seconds kDescriptorPause{5};

Instant now() {
    return Instant{posix::monotonic_clock_now()};
}

}  // namespace

Observer::Observer(const Settings& settings)
    : settings_(settings),
      tracker_(tracking::WatchedPorts(settings.ports)),
      failures_(no_dump_failures()),
      closing_("closing", settings.interval, settings.cpu_share / 2, failures_, settings.log),
      census_("census", settings.census_interval, settings.cpu_share / 8, failures_, settings.log),
      sockstat_("sockstat", settings.interval, settings.cpu_share, failures_, settings.log),
      events_("events", settings.interval, settings.cpu_share, failures_, settings.log),
      sysctls_("sysctls", settings.interval, settings.cpu_share, failures_, settings.log),
      socket_owners_(settings.interval, settings.cpu_share / 4, failures_, settings.log,
                     settings.processes == Processes::of_all ? SocketOwners::kWholeAnswer
                                                             : SocketOwners::kBudget),
      owner_descriptors_(kDescriptorPause) {
    working_.build = settings.build;
    tracker_.keep_in_detail(settings.max_sockets);
    take_labels();
    working_.leak_after = settings.leak_after;
}

void Observer::reconfigure(const Settings& settings) {
    settings_ = settings;
    working_.leak_after = settings.leak_after;
    working_.census.reset();
    tracker_.keep_in_detail(settings.max_sockets);
    tracker_.watch_other(tracking::WatchedPorts(settings.ports));
    take_labels();
    watch_exactly();
    closing_.set_pace(settings.interval, settings.cpu_share / 2);
    census_.set_pace(settings.census_interval, settings.cpu_share / 8);
    refresh();
}

void Observer::poll() {
    const nanoseconds start = posix::thread_cpu_time();
    read_kernel_files();
    if (closing_.run([this] { look_at_closing(); })) {
        check_descriptors();
    }
    refresh();
    attribute();
    // A pass over /proc has a pace and a share of its own.
    const nanoseconds pass = socket_owners_.take_pass_cpu();
    const nanoseconds spent = posix::thread_cpu_time() - start - pass;
    closing_.charge(spent - closing_.cpu());
    cpu_.poll += spent;
    cpu_.owners += pass;
    share_out();
}

/// The census and the passes have their bounds; what they do not take is the closing poll's.
void Observer::share_out() {
    const double others = census_.rate() + socket_owners_.processes().rate();
    closing_.set_share(std::max(settings_.cpu_share - others, settings_.cpu_share / 2));
}

void Observer::take_census() {
    const nanoseconds start = posix::thread_cpu_time();
    if (census_.run([this] { look_at_all(); })) {
        check_descriptors();
    } else {
        working_.census.reset();
    }
    refresh();
    const nanoseconds spent = posix::thread_cpu_time() - start;
    census_.charge(spent - census_.cpu());
    cpu_.census += spent;
}

/// What the tracker knows now, unless the closing poll failed: then there is no answer, not an answer of none.
void Observer::refresh() {
    working_.time = std::chrono::system_clock::now();
    working_.instant = now();
    working_.sockets.clear();
    working_.dead.clear();
    working_.closing.reset();
    working_.without_detail = {};
    if (!closing_.health().success) {
        return;
    }
    working_.sockets = tracker_.sockets();
    working_.dead = tracker_.dead_sockets();
    working_.without_detail = tracker_.without_detail(working_.leak_after, working_.instant);
    working_.closing = working_.without_detail.counts;
    for (const tracking::TrackedSocket& socket : working_.sockets) {
        working_.closing->add(socket.watched, socket.record.state, socket.custody);
    }
    name_interfaces();
}

void Observer::name_interfaces() {
    working_.interfaces.clear();
    const auto name = [this](std::uint32_t index) {
        if (index != 0 && !working_.interfaces.contains(index)) {
            working_.interfaces[index] =
                host::interface_name(index).value_or(std::to_string(index));
        }
    };
    for (const tracking::TrackedSocket& socket : working_.sockets) {
        name(socket.record.interface);
    }
    for (const tracking::DeadSocket& dead : working_.dead) {
        name(dead.socket.record.interface);
    }
}

/// The tracker's labels are the page's; what was counted goes along.
void Observer::take_labels() {
    const tracking::WatchedPorts& watch = tracker_.watch();
    working_.counters.relabel(working_.port_labels, watch.labels(), watch.sides());
    working_.port_labels = watch.labels();
    working_.port_sides = watch.sides();
    working_.every_port = watch.every_port();
}

void Observer::attribute() {
    // Most looks have no dead socket, and may have a hundred thousand others: they are not copied.
    std::vector<tracking::TrackedSocket> with_dead;
    std::span<const tracking::TrackedSocket> all = working_.sockets;
    if (tracker_.has_descriptors_to_check()) {
        with_dead = held_sockets(Duration::zero());
        all = with_dead;
    }
    socket_owners_.look_up(all, working_.without_detail, working_.instant);
    const auto listeners = [this] {
        std::vector<SocketRecord> records;
        std::copy_if(dump_.begin(), dump_.end(), std::back_inserter(records),
                     [](const SocketRecord& record) { return record.state == TcpState::listen; });
        return records;
    };
    switch (settings_.processes) {
        case Processes::none:
            break;
        case Processes::of_all:
            socket_owners_.find_processes(all, listeners, working_.instant);
            break;
        case Processes::of_leaks:
            socket_owners_.find_processes(
                held_sockets(std::min<Duration>(kLookForHoldersAfter, settings_.leak_after)),
                listeners, working_.instant);
            break;
    }
}

/// Sockets whose owners are asked for: with a time, those in CLOSE-WAIT for longer; and those that left it and may have
/// an open descriptor.
std::vector<tracking::TrackedSocket> Observer::held_sockets(Duration longer_than) const {
    std::vector<tracking::TrackedSocket> result;
    for (const tracking::TrackedSocket& socket : working_.sockets) {
        if (longer_than == Duration::zero() ||
            (socket.cause && socket.age(working_.instant).value > longer_than)) {
            result.push_back(socket);
        }
    }
    for (tracking::DescriptorQuestion& question : tracker_.descriptors_to_check()) {
        if (question.dead || question.socket.last_seen - question.socket.since >= longer_than) {
            result.push_back(std::move(question.socket));
        }
    }
    return result;
}

/// Gone from the kernel's tables is not closed: the descriptor may be open still.
void Observer::check_descriptors() {
    const std::vector<tracking::DescriptorQuestion> questions = tracker_.descriptors_to_check();
    if (questions.empty()) {
        return;
    }
    // The kernel's programs know of every descriptor; who else is looked at is looked at in /proc.
    std::vector<tracking::DescriptorQuestion> others;
    std::vector<tracking::DescriptorAnswer> answers = ask_exact(questions, others);
    note(tracker_.confirm_descriptors(answers, now()));
    if (!others.empty()) {
        note(tracker_.confirm_descriptors(halfclosed::check_descriptors(others, socket_owners_),
                                          now()));
    }
}

void Observer::note(const tracking::Changes& changes) {
    working_.counters.add(changes);
    if (sink_ && !(changes.transitions.empty() && changes.ends.empty())) {
        sink_(changes, std::chrono::system_clock::now());
    }
}

bool Observer::complete() const {
    return closing_.health().last_success && census_.health().last_success;
}

bool Observer::reconciled() const {
    if (!working_.census || !working_.census->reconciliation) {
        return false;
    }
    const auto& counts = working_.census->reconciliation->values;
    return std::all_of(counts.begin(), counts.end(),
                       [](const tracking::Reconciled& count) { return count.within; });
}

exporters::Snapshot Observer::take_snapshot() {
    std::vector<tracking::TrackedSocket> sockets = std::exchange(working_.sockets, {});
    exporters::Snapshot snapshot = working_;
    snapshot.sockets = std::move(sockets);
    socket_owners_.fill(snapshot);
    if (settings_.processes != Processes::none) {
        owner_descriptors_.fill(snapshot);
    }
    if (dump_.size() > settings_.max_sockets) {
        dump_ = {};  // what was asked of it is asked
    }
    snapshot.process = host::read_process_metrics();
    snapshot.collectors = {closing_.health(), census_.health(),  sockstat_.health(),
                           events_.health(),  sysctls_.health(), socket_owners_.owners().health()};
    if (settings_.processes != Processes::none) {
        snapshot.collectors.push_back(socket_owners_.processes().health());
    }
    snapshot.dump_failures = failures_;
    snapshot.dump_failures[netlink::name(netlink::Reason::foreign_sender)] +=
        session_ ? session_->foreign_datagrams() : 0;
    // Three polls late is not the present any more.
    snapshot.fresh_for = std::max<nanoseconds>(seconds{30}, 3 * closing_.interval());
    return snapshot;
}

}  // namespace halfclosed
