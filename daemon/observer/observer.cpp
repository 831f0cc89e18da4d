#include "observer/observer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "host/process_view.h"
#include "host/sockstat.h"
#include "posix/clock.h"
#include "posix/error.h"

namespace halfclosed {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// The holders of a socket that has been in CLOSE-WAIT for so long are looked for: a keepalive may reset it long before
/// it is called a leak, after 15 s in a Go program, and then only its descriptor is left to find.
constexpr seconds kLookForHoldersAfter{3};

/// Descriptors run out in minutes at the soonest that anybody can do something about.
constexpr seconds kDescriptorPause{5};

/// Where only our own is watched, how many others there are is no news of the second.
nanoseconds discovery_interval(const Observer::Settings& settings) {
    return settings.all_namespaces ? settings.interval : settings.census_interval;
}

host::ProcessView process_view() {
    try {
        return host::read_process_view();
    } catch (const posix::Error& error) {
        return {false, error.what(), {}, error.what()};
    }
}

}  // namespace

void Observer::Settings::answer_at_once() {
    most_gets = std::numeric_limits<std::size_t>::max();
    slice = nanoseconds::max();
    cpu_share = std::numeric_limits<double>::infinity();
}

Observer::Observer(const Settings& settings)
    : settings_(settings),
      labels_(settings.ports),
      own_(labels_, bounds_),
      others_(bounds_),
      view_(process_view()),
      failures_(no_dump_failures()),
      closing_("closing", settings.interval, settings.cpu_share / 2, failures_, settings.log),
      walks_("walks", settings.interval, settings.cpu_share / 2, failures_, settings.log),
      census_("census", settings.census_interval, settings.cpu_share / 8, failures_, settings.log),
      sockstat_("sockstat", settings.interval, settings.cpu_share, failures_, settings.log),
      events_("events", settings.interval, settings.cpu_share, failures_, settings.log),
      sysctls_("sysctls", settings.census_interval, settings.cpu_share, failures_, settings.log),
      namespaces_("namespaces", discovery_interval(settings), settings.cpu_share / 8, failures_,
                  settings.log),
      socket_owners_(settings.interval, settings.cpu_share / 4, failures_, settings.log,
                     settings.processes == Processes::of_all ? SocketOwners::kWholeAnswer
                                                             : SocketOwners::kBudget),
      owner_descriptors_(kDescriptorPause) {
    working_.build = settings.build;
    bounds_->detail.set(settings.max_sockets);
    take_labels();
    working_.leak_after = settings.leak_after;
}

void Observer::reconfigure(const Settings& settings) {
    if (settings_.all_namespaces && !settings.all_namespaces) {
        others_.spaces().clear();  // watch_exactly() lets them go
        known_round_ = walk_round_ = census_round_ = {};
        walked_all_ = false;
        other_events_.reset();
    }
    const bool other_ports = settings_.ports != settings.ports;
    settings_ = settings;
    bounds_->detail.set(settings.max_sockets);
    working_.leak_after = settings.leak_after;
    working_.census.reset();
    if (other_ports) {  // else what is known of each namespace stays known, and takes no walk
        labels_ = tracking::WatchedPorts(settings.ports);
        own_.tracker().watch_other(labels_);
        for (auto& [inode, space] : others_.spaces()) {
            space.watch.tracker().watch_other(labels_);
            space.looked.reset();
            space.counted.reset();
        }
        take_labels();
    }
    watch_exactly();
    closing_.set_pace(settings.interval, settings.cpu_share / 2);
    walks_.set_pace(settings.interval, settings.cpu_share / 2);
    census_.set_pace(settings.census_interval, settings.cpu_share / 8);
    sysctls_.set_pace(settings.census_interval, settings.cpu_share);
    namespaces_.set_pace(discovery_interval(settings), settings.cpu_share / 8);
    socket_owners_.set_pace(settings.interval, settings.cpu_share / 4);
    discover_due_ = walks_due_ = sysctls_due_ = {};
    refresh();
}

void Observer::poll() {
    discover();
    const nanoseconds start = posix::thread_cpu_time();
    read_kernel_files();
    ++turn_;
    const bool looked = closing_.run([this] {
        read_exact();
        look_at_own();
        look_at_known();
    });
    const nanoseconds walked = posix::thread_cpu_time();
    walk_others();
    const nanoseconds walks = posix::thread_cpu_time() - walked;
    add_other_counts();
    if (looked) {
        check_descriptors();
    }
    refresh();
    translate();
    attribute();
    // A pass over /proc has a pace and a share of its own.
    const nanoseconds pass = socket_owners_.take_pass_cpu();
    const nanoseconds spent = posix::thread_cpu_time() - start - pass;
    closing_.charge(spent - walks - closing_.cpu());
    cpu_.poll += spent;
    cpu_.owners += pass;
    share_out();
}

/// The census and the passes have their bounds; what they do not take is the closing looks'. Of that half is the poll's and
/// half the walks', and what one does not take is the other's. The first round through the namespaces is a part of the start:
/// until it is over nobody knows what is there.
void Observer::share_out() {
    constexpr double kFirstRound = 0.1;
    const double others = census_.rate() + namespaces_.rate() + socket_owners_.processes().rate();
    const double looks = std::max(settings_.cpu_share - others, settings_.cpu_share / 2);
    const double walking = settings_.all_namespaces ? walks_.rate() : 0;
    closing_.set_share(std::max(looks - walking, looks / 2));
    const double walks = std::max(looks - closing_.rate(), looks / 2);
    walks_.set_share(walked_all_ ? walks : std::max(walks, kFirstRound));
}

void Observer::take_census() {
    const nanoseconds start = posix::thread_cpu_time();
    const bool counted = census_.run([this] {
        if (census_round_.complete()) {
            system_.begin_round(host::read_sockstat().orphan);
        }
        conservation_.reset();
        read_exact();
        count_ports();
        count_own();
        visit_others(census_round_, &Observer::count);
        with_exact([this](ExactCounting& exact) { conservation_ = exact.end_census(); });
        sum_census();
    });
    if (counted) {
        check_descriptors();
    } else {
        working_.census.reset();
    }
    refresh();
    const nanoseconds spent = posix::thread_cpu_time() - start;
    census_.charge(spent - census_.cpu());
    cpu_.census += spent;
}

/// Our own, and those others whose last answer is of the present.
std::vector<const NamespaceWatch*> Observer::watches() const {
    std::vector<const NamespaceWatch*> result{&own_};
    for (const auto& [inode, space] : others_.spaces()) {
        if (space.readable()) {
            result.push_back(&space.watch);
        }
    }
    return result;
}

/// The trackers' labels are the page's; what was counted goes along.
void Observer::take_labels() {
    working_.counters.relabel(working_.port_labels, labels_.labels(), labels_.sides());
    working_.port_labels = labels_.labels();
    working_.port_sides = labels_.sides();
    working_.every_port = labels_.every_port();
}

void Observer::attribute() {
    const std::vector<const tracking::TrackedSocket*> all = held_sockets(Duration::zero());
    socket_owners_.look_up(all, working_.without_detail, working_.instant);
    const auto listeners = [this] {
        std::vector<SocketRecord> records;
        for (const NamespaceWatch* watch : watches()) {
            records.insert(records.end(), watch->listeners().begin(), watch->listeners().end());
        }
        return records;
    };
    switch (settings_.processes) {
        case Processes::none:
            break;
        case Processes::of_all:
            socket_owners_.find_processes(all, listeners, working_.instant);
            break;
        case Processes::of_leaks:
            // A leak is told once, when it begins: with its holder.
            socket_owners_.hurry_for(held_sockets(settings_.leak_after), working_.instant);
            socket_owners_.find_processes(
                held_sockets(std::min<Duration>(kLookForHoldersAfter, settings_.leak_after)),
                listeners, working_.instant);
            break;
    }
}

/// Sockets whose owners are asked for: with a time, those in CLOSE-WAIT for longer; and those that left it and may have
/// an open descriptor.
std::vector<const tracking::TrackedSocket*> Observer::held_sockets(Duration longer_than) const {
    std::vector<const tracking::TrackedSocket*> result;
    for (const tracking::TrackedSocket& socket : working_.sockets) {
        if (longer_than == Duration::zero() ||
            (socket.cause && socket.age(working_.instant).value > longer_than)) {
            result.push_back(&socket);
        }
    }
    for (const tracking::DescriptorQuestion& question : descriptors_to_check()) {
        const tracking::TrackedSocket& socket = *question.socket;
        if (question.dead || socket.last_seen - socket.since >= longer_than) {
            result.push_back(&socket);
        }
    }
    return result;
}

/// `exact`: the kernel itself counts where they come from.
void Observer::note(const tracking::Changes& changes, bool exact) {
    working_.counters.add(changes, exact);
    if (sink_ && !(changes.transitions.empty() && changes.ends.empty())) {
        sink_(changes, std::chrono::system_clock::now());
    }
}

}  // namespace halfclosed
