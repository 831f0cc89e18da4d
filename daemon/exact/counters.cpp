#include "exact/counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <atomic>
#include <span>
#include <utility>
#include <vector>

#include "exact/map_reading.h"
#include "exact/shared_memory.h"

namespace halfclosed::exact {

namespace {

std::size_t possible_processors() {
    const int count = libbpf_num_possible_cpus();
    if (count < 1) {
        fail_on_map("count processors");
    }
    return static_cast<std::size_t>(count);
}

exact_counters sum_of(std::span<const exact_counters> copies) {
    exact_counters sum{};
    for (const exact_counters& copy : copies) {
        for (std::size_t index = 0; index < EXACT_COUNTERS; ++index) {
            sum.values[index] += copy.values[index];
        }
    }
    return sum;
}

}  // namespace

Counters::Counters(exact_shared& shared, const posix::Descriptor& slots,
                   const posix::Descriptor& hash)
    : shared_(shared), slots_(slots.get()), hash_(hash.get()), processors_(possible_processors()) {
}

void Counters::for_each(
    const std::function<void(const exact_key&, const exact_counters&)>& use) const {
    std::vector<exact_counters> copies(processors_);
    for (std::uint32_t index = 0; index < EXACT_SLOTS; ++index) {
        exact_slot& slot = shared_.slots[index];
        const std::uint64_t port = load(slot.port);
        if (port == 0 || port == EXACT_FILLING) {
            continue;
        }
        if (bpf_map_lookup_elem(slots_, &index, copies.data()) != 0) {
            fail_on_map("read a slot");
        }
        use({load(slot.namespace_cookie),
             static_cast<__u16>(port),
             static_cast<__u8>(port >> 16U & 1U),
             {}},
            sum_of(copies));
    }
    if (load(shared_.counted_in_hash) != 0) {
        exact::for_each<exact_key, exact_counters>(
            hash_, processors_,
            [&use](const exact_key& key, std::span<const exact_counters> of_processors) {
                use(key, sum_of(of_processors));
            });
    }
}

/// Counters that are there are found without allocating.
void Counters::reserve(NamespaceId space) const {
    const std::vector<exact_counters> none(processors_);
    for (const __u8 server : {__u8{0}, __u8{1}}) {
        const exact_key other{static_cast<std::uint64_t>(space), 0, server, {}};
        bpf_map_update_elem(hash_, &other, none.data(), BPF_NOEXIST);
    }
}

/// To those of the first processor.
void Counters::add(const exact_key& key, const exact_counters& more) const {
    std::vector<exact_counters> copies(processors_);
    bpf_map_lookup_elem(hash_, &key, copies.data());  // none: zeros
    for (std::size_t index = 0; index < EXACT_COUNTERS; ++index) {
        copies.front().values[index] += more.values[index];
    }
    if (bpf_map_update_elem(hash_, &key, copies.data(), BPF_ANY) != 0) {
        fail_on_map("add to counters");
    }
    std::atomic_ref(shared_.counted_in_hash).store(1);
}

void Counters::disown(const std::set<NamespaceId>& spaces) const {
    // A program that is counting goes on with its slot, which nobody else is given.
    for (exact_slot& slot : shared_.slots) {
        const std::uint64_t port = load(slot.port);
        if (port != 0 && port != EXACT_FILLING &&
            spaces.contains(NamespaceId{load(slot.namespace_cookie)})) {
            std::atomic_ref(slot.namespace_cookie).store(0);
        }
    }
    std::vector<std::pair<exact_key, exact_counters>> counted;
    exact::for_each<exact_key, exact_counters>(
        hash_, processors_, [&](const exact_key& key, std::span<const exact_counters> copies) {
            if (spaces.contains(NamespaceId{key.namespace_cookie})) {
                counted.emplace_back(key, sum_of(copies));
            }
        });
    for (const auto& [key, counters] : counted) {
        bpf_map_delete_elem(hash_, &key);
        add({0, key.port, key.server, {}}, counters);
    }
}

}  // namespace halfclosed::exact
