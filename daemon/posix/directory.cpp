#include "posix/directory.h"

#include <fcntl.h>

#include "posix/file.h"

namespace halfclosed::posix {

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

}  // namespace halfclosed::posix
