#include "host/directory.h"

#include <fcntl.h>

#include "host/file.h"

namespace halfclosed::host {

Directory open_directory(int top, const char* path) {
    Descriptor file(::openat(top, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) {
        return nullptr;
    }
    Directory directory(::fdopendir(file.get()));
    if (directory) {
        file.release();
    }
    return directory;
}

}  // namespace halfclosed::host
