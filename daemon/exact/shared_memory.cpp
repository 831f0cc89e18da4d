#include "exact/shared_memory.h"

#include <sys/mman.h>

#include "exact/map_reading.h"

namespace halfclosed::exact {

void Unmap::operator()(exact_shared* shared) const {
    munmap(shared, sizeof *shared);
}

SharedMemory share(const posix::Descriptor& map) {
    void* const memory =
        mmap(nullptr, sizeof(exact_shared), PROT_READ | PROT_WRITE, MAP_SHARED, map.get(), 0);
    if (memory == MAP_FAILED) {
        fail_on_map("share memory");
    }
    return SharedMemory(static_cast<exact_shared*>(memory));
}

}  // namespace halfclosed::exact
