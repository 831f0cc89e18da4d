#include "exact/source.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "exact/counters.h"
#include "exact/kernel_types.h"
#include "exact/map_reading.h"
#include "exact/programs.h"
#include "exact/shared_memory.h"
#include "exact/socket_table.h"
#include "exact/socket_value.h"
#include "exact/untold_steps.h"

namespace halfclosed::exact {

namespace {

static_assert(ExactCounts::kEdges == EXACT_EDGES);

/// In exact_key.zero, which the programs leave 0: counters of the reader's own.
constexpr __u8 kByReader = 1;

std::uint64_t number(NamespaceId space) {
    return static_cast<std::uint64_t>(space);
}

void set(__u64 (&ports)[EXACT_PORT_WORDS], std::uint16_t port) {
    ports[port / 64] |= std::uint64_t{1} << (port % 64U);
}

ExactKey key_of(const exact_key& key) {
    return {NamespaceId{key.namespace_cookie}, key.port, key.server != 0};
}

}  // namespace

struct Source::Impl {
    KernelTypes::ResetReasons reasons{};
    Reading reading{sees_all_threads(), {}};
    std::vector<std::string> left_out;
    Programs programs;
    SharedMemory shared;
    std::optional<SocketTable> sockets;  // these two of the programs, once they are loaded
    std::optional<Counters> counters;

    /// In the kernel too, where it outlives this process if it is pinned; apart from what the programs count.
    void add_untold(const exact_socket& socket, const exact_counters& steps) const;
};

void Source::Impl::add_untold(const exact_socket& socket, const exact_counters& steps) const {
    if (std::any_of(std::begin(steps.values), std::end(steps.values),
                    [](std::uint64_t count) { return count != 0; })) {
        counters->add({socket.namespace_cookie, socket.port, socket.server, {kByReader}}, steps);
    }
}

bool is_built_in() {
    return true;
}

Source::Source(const Options& options) : impl_(std::make_unique<Impl>()) {
    const KernelTypes types;
    impl_->reasons = types.reset_reasons();
    const auto arguments = [&types](const char* tracepoint) {
        return types.tracepoint_arguments(tracepoint);
    };
    impl_->reading.tick = tells_drops(arguments) ? tick() : std::chrono::nanoseconds{0};
    // Pins do not outlive the kernel: the same hooks were chosen for them.
    Hooks hooks = choose_hooks(arguments);
    impl_->programs = load_programs(hooks, options.pin_directory);
    impl_->left_out = std::move(hooks.left_out);
    const Programs& programs = impl_->programs;
    impl_->shared = share(programs.shared);
    impl_->sockets.emplace(*impl_->shared, programs.sockets);
    impl_->counters.emplace(*impl_->shared, programs.slot_counters, programs.counters);
}

Source::~Source() = default;
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;

bool Source::watch(NamespaceId space, const std::vector<PortRange>& ports,
                   const std::vector<std::uint16_t>& listened) {
    const int map = impl_->programs.namespaces.get();
    const std::uint64_t key = number(space);
    const auto wanted = std::make_unique<exact_namespace>();
    if (bpf_map_lookup_elem(map, &key, wanted.get()) != 0) {
        *wanted = {};
    }
    std::fill(std::begin(wanted->watched), std::end(wanted->watched), 0);
    for (const PortRange& range : ports) {
        for (unsigned port = range.first; port <= range.last; ++port) {
            set(wanted->watched, static_cast<std::uint16_t>(port));
        }
    }
    for (const std::uint16_t port : listened) {
        set(wanted->listened, port);
    }
    wanted->every_port = ports.empty() ? 1 : 0;
    if (bpf_map_update_elem(map, &key, wanted.get(), BPF_ANY) != 0) {
        if (errno == E2BIG) {
            return false;
        }
        fail_on_map("watch a namespace");
    }
    impl_->counters->reserve(space);
    return true;
}

void Source::note_listeners(NamespaceId space, const std::vector<std::uint16_t>& ports) {
    const int map = impl_->programs.namespaces.get();
    const std::uint64_t key = number(space);
    const auto value = std::make_unique<exact_namespace>();
    if (bpf_map_lookup_elem(map, &key, value.get()) != 0) {
        return;
    }
    const auto before = std::make_unique<exact_namespace>(*value);
    for (const std::uint16_t port : ports) {
        set(value->listened, port);
    }
    if (std::memcmp(before->listened, value->listened, sizeof before->listened) != 0 &&
        bpf_map_update_elem(map, &key, value.get(), BPF_EXIST) != 0) {
        fail_on_map("note a listener");
    }
}

std::vector<NamespaceId> Source::watched() const {
    const int map = impl_->programs.namespaces.get();
    std::vector<NamespaceId> result;
    std::uint64_t key = 0;
    while (true) {  // the keys alone: a value has 16 KiB
        const std::uint64_t previous = key;
        if (bpf_map_get_next_key(map, result.empty() ? nullptr : &previous, &key) != 0) {
            return result;
        }
        result.push_back(NamespaceId{key});
    }
}

void Source::leave(const std::set<NamespaceId>& spaces) {
    for (const NamespaceId space : spaces) {
        const std::uint64_t key = number(space);
        bpf_map_delete_elem(impl_->programs.namespaces.get(), &key);
    }
    std::vector<Cookie> left;
    for_each_socket([&](const ExactSocket& socket) {
        if (spaces.contains(socket.space)) {
            left.push_back(socket.identity.cookie);
        }
    });
    for (const Cookie cookie : left) {
        impl_->sockets->take(static_cast<std::uint64_t>(cookie));
    }
    impl_->counters->disown(spaces);
}

void Source::keep_all(NamespaceId space) {
    const int map = impl_->programs.namespaces.get();
    const std::uint64_t key = number(space);
    const auto value = std::make_unique<exact_namespace>();
    if (bpf_map_lookup_elem(map, &key, value.get()) != 0) {
        fail_on_map("keep sockets");
    }
    value->keep = 1;
    if (bpf_map_update_elem(map, &key, value.get(), BPF_EXIST) != 0) {
        fail_on_map("keep sockets");
    }
}

ExactTotals Source::read() const {
    ExactTotals totals;
    impl_->counters->for_each([&](const exact_key& key, const exact_counters& sum) {
        ExactCounts& counts = totals[key_of(key)];
        for (std::size_t edge = 0; edge < ExactCounts::kEdges; ++edge) {
            counts.edges[edge] += sum.values[edge];
        }
        counts.fin_wait2_expired += sum.values[EXACT_FIN_WAIT2_EXPIRED];
        counts.foreign_fin_wait2 += sum.values[EXACT_FOREIGN_FIN_WAIT2];
        counts.foreign_time_wait += sum.values[EXACT_FOREIGN_TIME_WAIT];
        counts.resets_received += sum.values[EXACT_RESETS_RECEIVED];
        for (std::size_t reason = 0; reason < EXACT_RESET_REASONS; ++reason) {
            const ResetReason ours = impl_->reasons[reason];
            counts.resets_sent[static_cast<std::size_t>(ours)] +=
                sum.values[EXACT_RESETS_SENT + reason];
        }
    });
    return totals;
}

void Source::for_each_socket(const std::function<void(const ExactSocket&)>& use) const {
    impl_->sockets->for_each([&](std::uint64_t cookie, const exact_socket& value) {
        use(socket_of(cookie, value, impl_->reading));
    });
}

std::vector<ExactSocket> Source::sockets() const {
    std::vector<ExactSocket> result;
    for_each_socket([&result](const ExactSocket& socket) { result.push_back(socket); });
    return result;
}

std::unordered_set<Cookie> Source::held_after_close(std::span<const Cookie> sockets) const {
    std::unordered_set<Cookie> held;
    // A look-up costs as much as a few entries of the whole table.
    if (constexpr std::size_t kMostLookUps = 2'000; sockets.size() > kMostLookUps) {
        for_each_socket([&held](const ExactSocket& socket) {
            if (socket.state == TcpState::close) {
                held.insert(socket.identity.cookie);
            }
        });
        return held;
    }
    for (const Cookie cookie : sockets) {
        const auto socket = impl_->sockets->find(static_cast<std::uint64_t>(cookie));
        if (socket && socket->state == static_cast<__u8>(TcpState::close)) {
            held.insert(cookie);
        }
    }
    return held;
}

void Source::begin_adoption() {
    impl_->sockets->keep_over();
}

void Source::end_adoption() {
    impl_->sockets->give_up_over();
}

void Source::adopt(const ExactKey& key, const SocketRecord& record) {
    // One that is there already is known better.
    impl_->sockets->add(static_cast<std::uint64_t>(record.cookie), value_of(key, record));
}

void Source::confirm_time_wait(Cookie socket) {
    if (const auto taken = impl_->sockets->take(static_cast<std::uint64_t>(socket))) {
        impl_->add_untold(*taken, steps_into_time_wait(*taken));
    }
}

void Source::confirm_gone(Cookie socket, Instant now) {
    if (const auto taken = impl_->sockets->take(static_cast<std::uint64_t>(socket))) {
        impl_->add_untold(*taken, steps_to_the_end(*taken, now, impl_->reading.tick));
    }
}

bool Source::overflowed() const {
    const __u32 zero = 0;
    std::vector<exact_faults> faults(impl_->counters->processors());
    if (bpf_map_lookup_elem(impl_->programs.faults.get(), &zero, faults.data()) != 0) {
        fail_on_map("read faults");
    }
    return std::any_of(faults.begin(), faults.end(), [](const exact_faults& fault) {
        return fault.sockets_full != 0 || fault.counters_full != 0;
    });
}

const std::vector<std::string>& Source::left_out() const {
    return impl_->left_out;
}

}  // namespace halfclosed::exact
