#include "exact/source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <span>

#include "exact/bpf/layout_in_cpp.h"
#include "exact/programs.h"
#include "posix/error.h"

namespace halfclosed::exact {

namespace {

static_assert(ExactCounts::kEdges == EXACT_EDGES);
static_assert(std::tuple_size_v<decltype(ExactSocket::entered)> == EXACT_STATES);

#ifndef SO_NETNS_COOKIE
constexpr int SO_NETNS_COOKIE = 71;  // linux/socket.h, since 5.14
#endif

[[noreturn]] void fail(const char* attempt) {
    throw posix::Error("maps of the kernel's programs",
                       std::string(attempt) + ": " + std::strerror(errno));
}

std::uint64_t number(NamespaceCookie space) {
    return static_cast<std::uint64_t>(space);
}

/// Entries read with one call. A hash bucket comes whole or not at all, and has a few entries at most.
constexpr std::uint32_t kBatch = 256;

/// Calls `use(key, values)` for every entry of a hash; `values` has `copies` of them, one for each processor of a
/// per-CPU map.
template <typename Key, typename Value, typename Use>
void for_each(int map, std::size_t copies, const Use& use) {
    std::vector<Key> keys(kBatch);
    std::vector<Value> values(kBatch * copies);
    std::uint32_t position = 0;
    std::uint32_t next = 0;
    bool first = true;
    while (true) {
        auto read = static_cast<std::uint32_t>(keys.size());
        const int result = bpf_map_lookup_batch(map, first ? nullptr : &position, &next,
                                                keys.data(), values.data(), &read, nullptr);
        const int error = result == 0 ? 0 : errno;
        if (error == ENOSPC) {  // a bucket with more than that
            keys.resize(2 * keys.size());
            values.resize(2 * values.size());
            continue;
        }
        if (error != 0 && error != ENOENT) {
            fail("read");
        }
        for (std::size_t index = 0; index < read; ++index) {
            use(keys[index], std::span(values).subspan(index * copies, copies));
        }
        if (error == ENOENT) {
            return;  // that was the last of them
        }
        position = next;
        first = false;
    }
}

std::size_t processors() {
    const int count = libbpf_num_possible_cpus();
    if (count < 1) {
        fail("count processors");
    }
    return static_cast<std::size_t>(count);
}

void set(__u64 (&ports)[EXACT_PORT_WORDS], std::uint16_t port) {
    ports[port / 64] |= std::uint64_t{1} << (port % 64U);
}

ExactKey key_of(const exact_key& key) {
    return {NamespaceCookie{key.namespace_cookie}, key.port, key.server != 0};
}

Instant instant(std::uint64_t nanoseconds) {
    return Instant{std::chrono::nanoseconds{nanoseconds}};
}

/// The kernel's programs tell threads as the initial PID namespace numbers them (include/linux/proc_ns.h).
bool sees_all_threads() {
    constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;
    struct stat status {};
    return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == kInitialPidNamespace;
}

ExactSocket socket_of(std::uint64_t cookie, const exact_socket& value, bool with_thread) {
    ExactSocket socket;
    socket.space = NamespaceCookie{value.namespace_cookie};
    socket.identity.cookie = Cookie{cookie};
    socket.identity.family = value.ipv6 != 0 ? Family::ipv6 : Family::ipv4;
    socket.identity.local = {{socket.identity.family, {}}, value.local_port};
    socket.identity.remote = {{socket.identity.family, {}}, value.remote_port};
    std::memcpy(socket.identity.local.address.bytes.data(), value.local, sizeof value.local);
    std::memcpy(socket.identity.remote.address.bytes.data(), value.remote, sizeof value.remote);
    socket.identity.interface = value.interface;
    socket.state = static_cast<TcpState>(value.state);
    socket.minisock = value.minisock != 0;
    for (std::size_t state = 0; state < socket.entered.size(); ++state) {
        socket.entered[state] = instant(value.entered[state]);
    }
    if (value.since != 0) {
        socket.since = instant(value.since);
    }
    if (value.end_read_at != 0) {
        socket.end_read = {instant(value.end_read_at), with_thread ? value.end_read_by : 0,
                           with_thread ? value.end_read_process : 0};
    }
    return socket;
}

}  // namespace

struct Source::Impl {
    KernelTypes::ResetReasons reasons{};
    std::size_t processors = 1;
    bool with_threads = sees_all_threads();
    Programs programs;
    std::map<ExactKey, std::uint64_t> peer_closed;  ///< counted by confirm_time_wait()
};

bool is_built_in() {
    return true;
}

Source::Source(const Options& options) : impl_(std::make_unique<Impl>()) {
    const KernelTypes types;
    impl_->reasons = types.reset_reasons();
    impl_->processors = exact::processors();
    impl_->programs = load_programs(types, options.pin_directory);
}

Source::~Source() = default;
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;

void Source::watch(const std::vector<NamespaceCookie>& namespaces,
                   const std::vector<PortRange>& ports) {
    const int map = impl_->programs.namespaces.get();
    std::set<std::uint64_t> gone;
    for_each<std::uint64_t, exact_namespace>(
        map, 1, [&gone](std::uint64_t key, auto) { gone.insert(key); });
    const auto wanted = std::make_unique<exact_namespace>();
    for (const NamespaceCookie space : namespaces) {
        const std::uint64_t key = number(space);
        gone.erase(key);
        if (bpf_map_lookup_elem(map, &key, wanted.get()) != 0) {
            *wanted = {};
        }
        std::fill(std::begin(wanted->watched), std::end(wanted->watched), 0);
        for (const PortRange& range : ports) {
            for (unsigned port = range.first; port <= range.last; ++port) {
                set(wanted->watched, static_cast<std::uint16_t>(port));
            }
        }
        wanted->every_port = ports.empty() ? 1 : 0;
        // Counters that are there are found without allocating.
        const std::vector<exact_counters> none(impl_->processors);
        for (const __u8 server : {__u8{0}, __u8{1}}) {
            const exact_key other{key, 0, server, {}};
            bpf_map_update_elem(impl_->programs.counters.get(), &other, none.data(), BPF_NOEXIST);
        }
        if (bpf_map_update_elem(map, &key, wanted.get(), BPF_ANY) != 0) {
            fail("watch a namespace");
        }
    }
    for (const std::uint64_t key : gone) {
        bpf_map_delete_elem(map, &key);
    }
}

void Source::note_listeners(NamespaceCookie space, const std::vector<std::uint16_t>& ports) {
    const int map = impl_->programs.namespaces.get();
    const std::uint64_t key = number(space);
    const auto value = std::make_unique<exact_namespace>();
    if (bpf_map_lookup_elem(map, &key, value.get()) != 0) {
        *value = {};  // none of its ports is watched yet
    }
    const auto before = std::make_unique<exact_namespace>(*value);
    for (const std::uint16_t port : ports) {
        set(value->listened, port);
    }
    if (std::memcmp(before->listened, value->listened, sizeof before->listened) != 0 &&
        bpf_map_update_elem(map, &key, value.get(), BPF_ANY) != 0) {
        fail("note a listener");
    }
}

void Source::keep_all(NamespaceCookie space) {
    const int map = impl_->programs.namespaces.get();
    const std::uint64_t key = number(space);
    const auto value = std::make_unique<exact_namespace>();
    if (bpf_map_lookup_elem(map, &key, value.get()) != 0) {
        fail("keep sockets");
    }
    value->keep = 1;
    if (bpf_map_update_elem(map, &key, value.get(), BPF_EXIST) != 0) {
        fail("keep sockets");
    }
}

ExactTotals Source::read() const {
    ExactTotals totals;
    for_each<exact_key, exact_counters>(
        impl_->programs.counters.get(), impl_->processors,
        [&](const exact_key& key, std::span<const exact_counters> copies) {
            exact_counters sum{};
            for (const exact_counters& copy : copies) {
                for (std::size_t index = 0; index < EXACT_COUNTERS; ++index) {
                    sum.values[index] += copy.values[index];
                }
            }
            ExactCounts& counts = totals[key_of(key)];
            std::copy_n(std::begin(sum.values), ExactCounts::kEdges, counts.edges.begin());
            counts.fin_wait2_expired = sum.values[EXACT_FIN_WAIT2_EXPIRED];
            counts.foreign_fin_wait2 = sum.values[EXACT_FOREIGN_FIN_WAIT2];
            counts.foreign_time_wait = sum.values[EXACT_FOREIGN_TIME_WAIT];
            counts.resets_received = sum.values[EXACT_RESETS_RECEIVED];
            for (std::size_t reason = 0; reason < EXACT_RESET_REASONS; ++reason) {
                const ResetReason ours = impl_->reasons[reason];
                counts.resets_sent[static_cast<std::size_t>(ours)] +=
                    sum.values[EXACT_RESETS_SENT + reason];
            }
        });
    for (const auto& [key, count] : impl_->peer_closed) {
        totals[key].edges[EXACT_FIN_WAIT2_TIME_WAIT] += count;
    }
    return totals;
}

std::vector<ExactSocket> Source::sockets() const {
    std::vector<ExactSocket> result;
    for_each<std::uint64_t, exact_socket>(
        impl_->programs.sockets.get(), 1,
        [&](std::uint64_t cookie, std::span<const exact_socket> value) {
            result.push_back(socket_of(cookie, value.front(), impl_->with_threads));
        });
    return result;
}

void Source::adopt(const ExactKey& key, const SocketRecord& record) {
    exact_socket value{};
    value.namespace_cookie = number(key.space);
    value.port = key.port;
    value.server = key.server ? 1 : 0;
    value.state = static_cast<__u8>(record.state);
    value.minisock = record.timer.kind == Timer::Kind::timewait ? value.state : __u8{0};
    value.ipv6 = record.family == Family::ipv6 ? 1 : 0;
    value.local_port = record.local.port;
    value.remote_port = record.remote.port;
    value.interface = record.interface;
    std::memcpy(value.local, record.local.address.bytes.data(), sizeof value.local);
    std::memcpy(value.remote, record.remote.address.bytes.data(), sizeof value.remote);
    const auto cookie = static_cast<std::uint64_t>(record.cookie);
    // One that is there already is known better; a full table counts itself.
    bpf_map_update_elem(impl_->programs.sockets.get(), &cookie, &value, BPF_NOEXIST);
}

void Source::confirm_time_wait(const ExactSocket& socket) {
    const auto cookie = static_cast<std::uint64_t>(socket.identity.cookie);
    exact_socket taken{};
    if (bpf_map_lookup_and_delete_elem(impl_->programs.sockets.get(), &cookie, &taken) == 0) {
        ++impl_->peer_closed[{NamespaceCookie{taken.namespace_cookie}, taken.port,
                              taken.server != 0}];
    }
}

void Source::forget(Cookie cookie) {
    const auto key = static_cast<std::uint64_t>(cookie);
    bpf_map_delete_elem(impl_->programs.sockets.get(), &key);
}

bool Source::overflowed() const {
    const __u32 zero = 0;
    std::vector<exact_faults> faults(impl_->processors);
    if (bpf_map_lookup_elem(impl_->programs.faults.get(), &zero, faults.data()) != 0) {
        fail("read faults");
    }
    return std::any_of(faults.begin(), faults.end(), [](const exact_faults& fault) {
        return fault.sockets_full != 0 || fault.counters_full != 0;
    });
}

const std::vector<std::string>& Source::left_out() const {
    return impl_->programs.left_out;
}

NamespaceCookie own_namespace() {
    const posix::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    if (!socket || getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) != 0) {
        fail("the namespace's cookie");
    }
    return NamespaceCookie{cookie};
}

}  // namespace halfclosed::exact
