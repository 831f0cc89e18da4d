#include "posix/heap.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "posix/clock.h"

namespace halfclosed::posix {

namespace {

/// Segments that nobody can have written to; others would lose it.
int unmap_constant_segments(dl_phdr_info* object, std::size_t, void*) {
    if (std::string_view(object->dlpi_name).starts_with("linux-vdso")) {
        return 0;  // of no file
    }
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto* const headers = reinterpret_cast<const char*>(object->dlpi_phdr);
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
            continue;
        }
        const std::uintptr_t start = object->dlpi_addr + segment.p_vaddr;
        const std::uintptr_t from = start / page * page;
        const auto distance =
            static_cast<std::ptrdiff_t>(from - reinterpret_cast<std::uintptr_t>(headers));
        // Refused where it may not be: then all is as before.
        madvise(const_cast<char*>(headers + distance), start + segment.p_filesz - from,
                MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void keep_heap_small() {
    // The vectors of a poll are above it from some 2,000 sockets on, and are mapped anew each time: at 5,000 and at 15,000
    // sockets that takes no CPU time that could be measured, and 2 to 3 MiB less than keeping them.
    constexpr int kKept = 512 * 1024;
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, kKept);
    mallopt(M_TRIM_THRESHOLD, kKept);
}

void give_back_heap() {
    static std::chrono::nanoseconds last = boot_clock_now();
    const std::chrono::nanoseconds now = boot_clock_now();
    if (now - last >= std::chrono::seconds{10}) {
        last = now;
        malloc_trim(0);
    }
}

void give_back_start() {
    dl_iterate_phdr(&unmap_constant_segments, nullptr);
}

}  // namespace halfclosed::posix
