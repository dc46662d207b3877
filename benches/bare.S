# A bare second execve: becomes its first argument, with the arguments after it. No shim can add less.
.globl _start
_start:
    mov (%rsp), %rcx
    mov 16(%rsp), %rdi
    lea 16(%rsp), %rsi
    lea 16(%rsp,%rcx,8), %rdx
    mov $59, %eax
    syscall
    mov $60, %eax
    mov $127, %edi
    syscall
.section .note.GNU-stack,"",@progbits
