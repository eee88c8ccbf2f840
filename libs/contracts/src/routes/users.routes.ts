import { z } from 'zod';
import { findUsers, me, ownUser, publicUser, signUp, updateMe, userPage } from '../users';
import { userId } from '../values';
import { open, user, type Route } from './route';

export const usersRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/api/users',
    summary: 'Sign up',
    access: open,
    body: signUp,
    answers: { 201: ownUser },
    errors: ['weak_password', 'email_taken', 'signup_in_progress', 'outcome_unknown'],
  },
  {
    method: 'get',
    path: '/api/users',
    summary: 'Find users by name',
    access: user,
    query: findUsers,
    answers: { 200: userPage },
    errors: [],
  },
  {
    method: 'get',
    path: '/api/users/me',
    summary: 'Yourself, with the times of your last log-in and log-out',
    access: user,
    answers: { 200: me },
    errors: ['user_not_found'],
  },
  {
    method: 'patch',
    path: '/api/users/me',
    summary: 'Change your name or status message',
    access: user,
    body: updateMe,
    answers: { 200: me },
    errors: ['user_not_found'],
  },
  {
    method: 'delete',
    path: '/api/users/me',
    summary: 'Delete your account',
    access: user,
    answers: { 200: z.object({ id: userId }) },
    errors: ['user_not_found'],
  },
  {
    method: 'get',
    path: '/api/users/{id}',
    summary: 'A user as others see him',
    access: user,
    params: { id: userId },
    answers: { 200: publicUser },
    errors: ['user_not_found'],
  },
];
